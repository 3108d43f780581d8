#include "engine/pack/channels.h"
#include "engine/pack/packers.h"

namespace tinynas::engine {
namespace {

/// All but the arrays.
PackedLayer window_pool(const ir::Graph& graph, const ir::Layer& layer) {
  const ir::Shape& in = graph.in_shape(layer);
  const bool interleaved = layer.inputs[0] == graph.input;
  return layer_struct("tn_window_pool_layer", {{"c", in.c},
                                               {"in_w", in.w},
                                               {"out_w", graph.out_shape(layer).w},
                                               {"channel_step", interleaved ? 1 : in.w},
                                               {"column_step", interleaved ? in.c : 1},
                                               {"in_zero_point", input_zero_point(graph, layer)},
                                               {"out_zero_point", output_zero_point(graph, layer)},
                                               {"kernel_h", layer.kernel_h},
                                               {"kernel_w", layer.kernel_w},
                                               {"stride_w", layer.stride_w},
                                               {"pad_left", layer.pad_left}});
}

/// One multiplier for every number of values a window may hold.
void add_means(PackedLayer& packed, const ir::Graph& graph, int index) {
  PackedArray multipliers = int32_array("multipliers", {}), shifts = shift_array();
  const auto by_count = quant::average_pool_multipliers(graph, index);
  for (std::size_t n = 1; n < by_count.size(); ++n) {
    const ChannelConstants mean = kernel_constants(
        by_count[n], 0, kLargestDifference * static_cast<std::int64_t>(n), ir::describe_layer(graph, index));
    multipliers.values.push_back(mean.multiplier);
    shifts.values.push_back(mean.shift);
  }
  packed.arrays = {std::move(multipliers), std::move(shifts)};
}

PackedLayer pack_average_pool(const ir::Graph& graph, int index) {
  PackedLayer packed = window_pool(graph, layer_at(graph, index));
  add_means(packed, graph, index);
  return packed;
}

PackedLayer pack_max_pool(const ir::Graph& graph, int index) {
  quant::require_equal_quant(graph, index);
  return window_pool(graph, layer_at(graph, index));
}

}  // namespace

std::span<const Packer> pool_window_packers() {
  static constexpr std::array kRows = {
      Packer{"tn_average_pool", pack_average_pool},
      Packer{"tn_max_pool", pack_max_pool},
  };
  return kRows;
}

}  // namespace tinynas::engine
