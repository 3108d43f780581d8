#pragma once

#include <span>
#include <vector>

#include "cost/plan/dma_ring.h"
#include "cost/plan/layout.h"

namespace tinynas::cost {

/// Cuts a graph into segments and finds their arena. Keeps its memory: one per thread, and a plan of a graph
/// no larger than those before allocates nothing.
class Planner {
 public:
  /// arena_bytes and input_bytes of the best schedule. `scratch`: per layer, aligned.
  void plan_totals(const ir::Graph& graph, const PlanOptions& options, std::span<const Bytes> scratch,
                   Schedule& totals);
  /// All of it.
  void plan(const ir::Graph& graph, const PlanOptions& options, std::span<const Bytes> scratch,
            Schedule& schedule);

 private:
  Bytes smallest_arena(const ir::Graph& graph, const PlanOptions& options, Scratch scratch);
  Bytes pinned_bytes(const ir::Graph& graph) const;
  Bytes with_ends(const ir::Graph& graph, Bytes arena) const;
  void place_ends(const ir::Graph& graph, Schedule& schedule) const;
  void choose_places(const PlanOptions& options, Bytes arena);
  void write(const ir::Graph& graph, const PlanOptions& options, Schedule& schedule);
  void place_working(const ir::Graph& graph, const PlanOptions& options, const Placement& place,
                     Schedule& schedule);
  const Unit& unit(int i) const { return units_.list()[static_cast<std::size_t>(i)]; }

  Units units_;
  CutSearch search_;
  Cuts cuts_;
  Layout layout_;
  DmaRing dma_;
  Bytes inner_bytes_ = 0;  ///< the arena without pinned ends and rings that share it with nothing
  std::vector<Block> blocks_;
};

}  // namespace tinynas::cost
