#include "engine/pack/packers.h"
#include "tinynas/quant/requantize.h"

namespace tinynas::engine {
namespace {

PackedLayer pack_lookup(const ir::Graph& graph, int index) {
  const auto table = quant::function_table(graph, index);
  PackedLayer packed =
      layer_struct("tn_lookup_layer", {{"n", graph.in_shape(layer_at(graph, index)).row_bytes()}});
  packed.arrays = {{.name = "table", .type = "int8_t", .values = {table.begin(), table.end()}, .align = 1}};
  return packed;
}

}  // namespace

std::span<const Packer> lookup_packers() {
  static constexpr std::array kRows = {
      Packer{"tn_lookup", pack_lookup},
  };
  return kRows;
}

}  // namespace tinynas::engine
