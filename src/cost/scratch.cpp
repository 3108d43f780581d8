#include "cost/scratch.h"

#include "tinynas/cost/kernels.h"

namespace tinynas::cost {

Bytes layer_scratch_bytes(const ir::Graph& graph, const ir::Layer& layer, KernelIsa isa) {
  return align_up(kernel_for(graph, layer, isa).scratch_bytes(graph, layer, isa));
}

void layer_scratch(const ir::Graph& graph, KernelIsa isa, std::vector<Bytes>& scratch) {
  scratch.clear();
  for (const ir::Layer& layer : graph.layers) scratch.push_back(layer_scratch_bytes(graph, layer, isa));
}

}  // namespace tinynas::cost
