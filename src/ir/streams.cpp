#include <algorithm>

#include "tinynas/ir/graph.h"

namespace tinynas::ir {

int history(const Graph& graph, int tensor) {
  int rows = 0;
  for (const Layer& layer : graph.layers)
    if (layer.streams && layer.inputs[0] == tensor) rows = std::max(rows, int{layer.pad_top});
  return rows;
}

bool is_streaming(const Graph& graph) {
  return std::ranges::any_of(graph.layers, [](const Layer& layer) { return layer.streams; });
}

}  // namespace tinynas::ir
