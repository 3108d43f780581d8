#pragma once

#include <vector>

#include "tinynas/cost/cost.h"
#include "tinynas/cost/kernels.h"
#include "unrolled_sizes.h"

namespace tinynas::cost {

/// What one pass over the layers finds, whatever the schedule.
struct LayerSums {
  Macs macs = 0;
  std::int64_t params = 0;
  Bytes constant_bytes = 0, code_bytes = 0, state_bytes = 0;
  Cycles cycles = 0;
};

/// Adds up a graph on a core; `unrolled` remembers sizes from one graph to the next; `scratch` receives each
/// layer's scratch, aligned. An empty `cycles` costs none.
LayerSums sum_layers(const ir::Graph& graph, Core core, const CycleTable& cycles, UnrolledSizes& unrolled,
                     std::vector<Bytes>& scratch);
/// Only the scratch.
void layer_scratch(const ir::Graph& graph, KernelIsa isa, std::vector<Bytes>& scratch);

/// Puts together what the layers and the schedule say.
Footprint make_footprint(const LayerSums& sums, const Schedule& schedule, const Device& device);

}  // namespace tinynas::cost
