#include "engine/pack/packers.h"
#include "tinynas/ir/add_multipliers.h"

namespace tinynas::engine {
namespace {

PackedLayer pack_extreme(const ir::Graph& graph, int index) {
  const ir::Layer& layer = layer_at(graph, index);
  const ir::ExtremeMultipliers m = ir::make_extreme(graph, layer);
  return layer_struct("tn_extreme_layer", {{"offset_a", m.ca},
                                           {"offset_b", m.cb},
                                           {"multiplier_a", m.ma},
                                           {"multiplier_b", m.mb},
                                           {"shift", m.shift},
                                           {"n", graph.out_shape(layer).row_bytes()}});
}

}  // namespace

std::span<const Packer> extreme_packers() {
  static constexpr std::array kRows = {
      Packer{"tn_minimum", pack_extreme},
      Packer{"tn_maximum", pack_extreme},
  };
  return kRows;
}

}  // namespace tinynas::engine
