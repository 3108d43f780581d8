#pragma once

#include <vector>

#include "cost/known_layers.h"
#include "tinynas/cost/footprint.h"

namespace tinynas::cost {

/// What one pass over the layers finds, whatever the schedule.
struct LayerSums {
  Macs macs = 0;
  std::int64_t params = 0;
  Bytes constant_bytes = 0, code_bytes = 0, state_bytes = 0;
  Cycles cycles = 0;
};

/// Adds up graphs on a core; an empty `cycles`, which must outlive it, costs none. Remembers layers from one
/// graph to the next.
class LayerSummer {
 public:
  LayerSummer(Core core, const CycleTable& cycles) : core_(core), known_(core, cycles) {}
  /// `scratch` receives each layer's scratch, aligned.
  LayerSums operator()(const ir::Graph& graph, std::vector<Bytes>& scratch);

 private:
  Core core_;
  KnownLayers known_;
};

/// Puts together what the layers and the schedule say.
Footprint make_footprint(const LayerSums& sums, const Schedule& schedule, const Device& device);

}  // namespace tinynas::cost
