#include "engine/pack/packers.h"
#include "tinynas/quant/requantize.h"

namespace tinynas::engine {
namespace {

PackedLayer pack_resize(const ir::Graph& graph, int index) {
  const ir::Layer& layer = layer_at(graph, index);
  quant::require_equal_quant(graph, index);
  return layer_struct("tn_resize_nearest_layer",
                      {{"in_count", graph.in_shape(layer).row_bytes()}, {"factor", layer.stride_w}});
}

}  // namespace

std::span<const Packer> resize_packers() {
  static constexpr std::array kRows = {
      Packer{"tn_resize_nearest", pack_resize},
  };
  return kRows;
}

}  // namespace tinynas::engine
