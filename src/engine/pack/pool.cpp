#include "engine/pack/channels.h"
#include "engine/pack/packers.h"

namespace tinynas::engine {
namespace {

PackedLayer pack_global_pool(const ir::Graph& graph, int index) {
  const ir::Layer& layer = layer_at(graph, index);
  const ir::Shape& in = graph.in_shape(layer);
  const std::int64_t pixels = std::int64_t{in.h} * in.w;
  const ChannelConstants scale = kernel_constants(
      quant::pool_multiplier(graph, index), 0, kLargestDifference * pixels, ir::describe_layer(graph, index));
  return layer_struct("tn_global_pool_layer", {{"offset", -(input_zero_point(graph, layer) + 128) * pixels},
                                               {"multiplier", scale.multiplier},
                                               {"c", in.c},
                                               {"w", in.w},
                                               {"out_zero_point", output_zero_point(graph, layer)},
                                               {"shift", scale.shift}});
}

}  // namespace

std::span<const Packer> pool_packers() {
  static constexpr std::array kRows = {
      Packer{"tn_global_pool", pack_global_pool},
  };
  return kRows;
}

}  // namespace tinynas::engine
