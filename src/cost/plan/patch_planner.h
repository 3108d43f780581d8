#pragma once

#include <optional>
#include <span>

#include "tinynas/cost/plan.h"

namespace tinynas::cost {

/// The schedule with column patches that keeps `options.arena_limit` with the fewest extra MACs; if none
/// does, the one with the smallest arena. nullopt if nothing can be patched. `scratch`: per layer, aligned.
std::optional<Schedule> plan_patches(const ir::Graph& graph, const PlanOptions& options,
                                     std::span<const Bytes> scratch);

}  // namespace tinynas::cost
