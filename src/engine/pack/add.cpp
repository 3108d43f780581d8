#include "engine/pack/packers.h"
#include "tinynas/quant/requantize.h"

namespace tinynas::engine {
namespace {

PackedLayer pack_add(const ir::Graph& graph, int index) {
  const ir::Layer& layer = layer_at(graph, index);
  const quant::AddMultipliers add = quant::make_add(graph, layer);
  return layer_struct("tn_add_layer", {{"offset", add.c},
                                       {"multiplier_a", add.ma},
                                       {"multiplier_b", add.mb},
                                       {"shift", add.shift},
                                       {"n", graph.out_shape(layer).row_bytes()}});
}

}  // namespace

std::span<const Packer> add_packers() {
  static constexpr std::array kRows = {
      Packer{"tn_add", pack_add},
  };
  return kRows;
}

}  // namespace tinynas::engine
