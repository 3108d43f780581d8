#pragma once

#include "cost/kernels/unrolled_sizes.h"
#include "tinynas/cost/cycles.h"
#include "tinynas/ir/graph.h"

namespace tinynas::cost {

/// What one layer adds to the sums of a network on a core, whatever stands around it.
struct LayerFacts {
  Macs macs = 0;
  Cycles cycles = 0;
  std::int64_t params = 0;                      ///< weights + biases
  Bytes constant_bytes = 0, scratch_bytes = 0;  ///< the latter aligned
  std::uint8_t kernel = 0;                      ///< row of the kernel register
  std::int16_t call_bytes = 0;
  int unrolled = kPlain;  ///< number of its code in UnrolledSizes
  static constexpr int kPlain = -1;
};

/// An empty `cycles` costs none.
LayerFacts layer_facts(const ir::Graph& graph, const ir::Layer& layer, Core core, const CycleTable& cycles,
                       UnrolledSizes& unrolled);

}  // namespace tinynas::cost
