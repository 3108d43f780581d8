#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "tinynas/cost/device.h"
#include "tinynas/cost/footprint.h"
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
/// there is).
Schedule plan(const ir::Graph& graph, const PlanOptions& options);

/// Costs of running `graph` by `schedule` on `device`.
Footprint footprint(const ir::Graph& graph, const Schedule& schedule, const Device& device);
/// The table behind those sums, one row per layer.
std::vector<LayerCost> layer_costs(const ir::Graph& graph, const Schedule& schedule, const Device& device);

/// The inner loop of the search: plan + footprint of a bare graph in one pass, nothing allocated after the
/// first call. One evaluator per thread. Equal to footprint(graph, plan(graph, ...), device), but for
/// activation_bytes and scratch_bytes: no budget limits them, and they would cost a second plan; both stay 0.
class Evaluator {
 public:
  Evaluator(Device device, InputMode input);
  Evaluator(const Evaluator& other);  ///< a copy works in memory of its own
  Evaluator(Evaluator&&) noexcept;
  Evaluator& operator=(Evaluator other) noexcept;
  ~Evaluator();
  const Device& device() const;
  Footprint operator()(const ir::Graph& graph);

 private:
  struct Memory;
  std::unique_ptr<Memory> memory_;
};

}  // namespace tinynas::cost
