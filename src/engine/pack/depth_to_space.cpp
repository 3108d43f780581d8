#include "engine/pack/packers.h"
#include "tinynas/quant/requantize.h"

namespace tinynas::engine {
namespace {

PackedLayer pack_depth_to_space(const ir::Graph& graph, int index) {
  const ir::Layer& layer = layer_at(graph, index);
  quant::require_equal_quant(graph, index);
  return layer_struct(
      "tn_depth_to_space_layer",
      {{"c", graph.out_shape(layer).c}, {"w", graph.in_shape(layer).w}, {"factor", layer.stride_w}});
}

}  // namespace

std::span<const Packer> depth_to_space_packers() {
  static constexpr std::array kRows = {
      Packer{"tn_depth_to_space", pack_depth_to_space},
  };
  return kRows;
}

}  // namespace tinynas::engine
