#include "engine/pack/channels.h"
#include "engine/pack/packers.h"

namespace tinynas::engine {
namespace {

PackedLayer pack_mul(const ir::Graph& graph, int index) {
  const ir::Layer& layer = layer_at(graph, index);
  const ChannelConstants scale =
      kernel_constants(quant::mul_multiplier(graph, index), 0, kLargestDifference * kLargestDifference,
                       ir::describe_layer(graph, index));
  return layer_struct("tn_mul_layer", {{"multiplier", scale.multiplier},
                                       {"c", graph.out_shape(layer).c},
                                       {"w", graph.out_shape(layer).w},
                                       {"a_zero_point", input_zero_point(graph, layer)},
                                       {"b_zero_point", input_zero_point(graph, layer, 1)},
                                       {"out_zero_point", output_zero_point(graph, layer)},
                                       {"shift", scale.shift}});
}

}  // namespace

std::span<const Packer> mul_packers() {
  static constexpr std::array kRows = {
      Packer{"tn_mul", pack_mul},
      Packer{"tn_mul_channels", pack_mul},
  };
  return kRows;
}

}  // namespace tinynas::engine
