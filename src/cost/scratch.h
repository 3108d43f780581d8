#pragma once

#include <vector>

#include "tinynas/cost/core.h"
#include "tinynas/ir/graph.h"

namespace tinynas::cost {

/// Offsets in the arena are multiples of this: what LDRD and int32 sums ask for.
constexpr Bytes kArenaAlign = 4;
constexpr Bytes align_up(Bytes bytes) { return (bytes + kArenaAlign - 1) & ~(kArenaAlign - 1); }

/// Scratch that a layer's kernel asks the register for, as planned: aligned.
Bytes layer_scratch_bytes(const ir::Graph& graph, const ir::Layer& layer, KernelIsa isa);
/// The scratch of every layer.
void layer_scratch(const ir::Graph& graph, KernelIsa isa, std::vector<Bytes>& scratch);

}  // namespace tinynas::cost
