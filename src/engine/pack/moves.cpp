#include "engine/pack/packers.h"
#include "tinynas/core/index.h"
#include "tinynas/quant/requantize.h"

namespace tinynas::engine {
namespace {

PackedLayer pack_gather(const ir::Graph& graph, int index) {
  const ir::Layer& layer = layer_at(graph, index);
  quant::require_equal_quant(graph, index);
  const ir::ChannelMap& map = graph.maps[at(layer.map)];
  PackedLayer packed = layer_struct("tn_gather_layer", {{"out_c", graph.out_shape(layer).c},
                                                        {"w", graph.out_shape(layer).w},
                                                        {"zero_point", input_zero_point(graph, layer)}});
  packed.arrays = {{.name = "map", .type = "int16_t", .values = {map.begin(), map.end()}, .align = 2}};
  return packed;
}

PackedLayer pack_slice(const ir::Graph& graph, int index) {
  const ir::Layer& layer = layer_at(graph, index);
  quant::require_equal_quant(graph, index);
  return layer_struct("tn_slice_layer", {{"c", graph.out_shape(layer).c},
                                         {"in_w", graph.in_shape(layer).w},
                                         {"out_w", graph.out_shape(layer).w},
                                         {"first", layer.pad_left},
                                         {"step", layer.stride_w}});
}

PackedLayer pack_reshape(const ir::Graph& graph, int index) {
  const ir::Layer& layer = layer_at(graph, index);
  quant::require_equal_quant(graph, index);
  return layer_struct("tn_reshape_layer", {{"in_w", graph.in_shape(layer).w},
                                           {"in_c", graph.in_shape(layer).c},
                                           {"out_w", graph.out_shape(layer).w},
                                           {"out_c", graph.out_shape(layer).c}});
}

}  // namespace

std::span<const Packer> move_packers() {
  static constexpr std::array kRows = {
      Packer{"tn_gather", pack_gather},
      Packer{"tn_slice", pack_slice},
      Packer{"tn_reshape", pack_reshape},
  };
  return kRows;
}

}  // namespace tinynas::engine
