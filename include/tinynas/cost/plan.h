#pragma once

#include <cstdint>
#include <optional>

#include "tinynas/cost/core.h"
#include "tinynas/cost/schedule.h"
#include "tinynas/ir/graph.h"

namespace tinynas::cost {

/// May the output of a segment grow into bytes where its input has died? Offsets alone express it.
enum class Overlap : std::uint8_t { kAllowed, kForbidden };

struct PlanOptions {
  InputMode input = InputMode::kRows;
  KernelIsa isa = KernelIsa::kDsp;
  Overlap overlap = Overlap::kAllowed;
  /// Within it the least latency is wanted, without it the smallest arena.
  std::optional<Bytes> arena_limit = {};
  /// Column patches may be tried up to this many, where rings alone exceed the limit and a frame is held. For
  /// analysis: the engine does not run them.
  int most_columns = 1;
};

/// The schedule with the smallest arena (docs/design.md, "Rows and rings"): segments of rings, cut points by
/// dynamic programming. Rings compute nothing twice, so that no schedule within a limit is quicker; where
/// they exceed it, the column patches that keep it with the fewest extra MACs (if none do, the smallest arena
/// there is). GraphError if the graph is not valid (ir::validate).
Schedule plan(const ir::Graph& graph, const PlanOptions& options);

}  // namespace tinynas::cost
