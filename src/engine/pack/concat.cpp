#include "engine/pack/channels.h"
#include "engine/pack/packers.h"

namespace tinynas::engine {
namespace {

PackedLayer pack_concat(const ir::Graph& graph, int index) {
  const ir::Layer& layer = layer_at(graph, index);
  const auto scales = quant::concat_multipliers(graph, index);
  std::array<ChannelConstants, 2> parts;
  for (std::size_t i = 0; i < 2; ++i)  // the multiplier 0 says that nothing has to be computed
    if (input_quant(graph, layer, static_cast<int>(i)) != output_quant(graph, layer))
      parts[i] = kernel_constants(scales[i], 0, kLargestDifference, ir::describe_layer(graph, index));
  return layer_struct("tn_concat_layer", {{"a_count", graph.in_shape(layer, 0).row_bytes()},
                                          {"b_count", graph.in_shape(layer, 1).row_bytes()},
                                          {"a_multiplier", parts[0].multiplier},
                                          {"b_multiplier", parts[1].multiplier},
                                          {"a_zero_point", input_zero_point(graph, layer)},
                                          {"b_zero_point", input_zero_point(graph, layer, 1)},
                                          {"out_zero_point", output_zero_point(graph, layer)},
                                          {"a_shift", parts[0].shift},
                                          {"b_shift", parts[1].shift}});
}

}  // namespace

std::span<const Packer> concat_packers() {
  static constexpr std::array kRows = {
      Packer{"tn_concat", pack_concat},
      Packer{"tn_concat_rows", pack_concat},
  };
  return kRows;
}

}  // namespace tinynas::engine
