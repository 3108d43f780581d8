#pragma once

#include "tinynas/cost/core.h"
#include "tinynas/engine/packed_layer.h"
#include "tinynas/ir/graph.h"

namespace tinynas::engine {

/// Packs a layer of a quantized graph for its kernel (cost::kernel_for) in the format tinynas_kernels.h
/// states. Throws GraphError naming layer and channel if the kernel's accumulators could overflow.
PackedLayer pack_layer(const ir::Graph& graph, int layer, cost::KernelIsa isa);

}  // namespace tinynas::engine
