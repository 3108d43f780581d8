#include "planner.h"

#include <algorithm>

#include "sums.h"
#include "tinynas/core/error.h"

namespace tinynas::cost {

namespace {

std::size_t at(int i) { return static_cast<std::size_t>(i); }

}  // namespace

/// The lower bound over all cuts is nearly always reached by the cuts that give it; if not, the arena grows
/// until some cuts fit.
Bytes Planner::smallest_arena(const PlanOptions& options, Scratch scratch) {
  Bytes arena = search_.smallest(units_.list(), options, scratch, cuts_);
  layout_.reset(units_.list(), options, scratch);
  if (layout_.fits(cuts_, arena)) return arena;
  while (const Bytes short_by = layout_.shortage(arena)) arena += short_by;
  return arena;
}

void Planner::plan_totals(const ir::Graph& graph, const PlanOptions& options, std::span<const Bytes> scratch,
                          Schedule& totals) {
  units_.rebuild(graph, scratch);
  totals.input = options.input;
  totals.activation_bytes = smallest_arena(options, Scratch::kZero);
  totals.arena_bytes = smallest_arena(options, Scratch::kCounted);
  totals.scratch_bytes = totals.arena_bytes - totals.activation_bytes;
  const ir::Shape& input = graph.tensors[at(graph.input)];
  const int rows = options.input == InputMode::kRows ? units_.ring_rows()[at(graph.input)] : input.h;
  totals.input_bytes = rows * input.row_bytes();
}

void Planner::plan(const ir::Graph& graph, const PlanOptions& options, std::span<const Bytes> scratch,
                   Schedule& schedule) {
  plan_totals(graph, options, scratch, schedule);
  // Of the schedules with this arena the one of fewest segments reads best, if its tensors can be placed.
  search_.fewest(units_.list(), options, schedule.arena_bytes, cuts_);
  if (!layout_.fits(cuts_, schedule.arena_bytes))
    TINYNAS_CHECK(layout_.shortage(schedule.arena_bytes) == 0, "the arena that was planned is too small");
  write(graph, scratch, schedule);
}

void Planner::place_working(const ir::Graph& graph, const Stand& stand, std::span<const Bytes> scratch,
                            Schedule& schedule) const {
  Bytes offset = stand.working_at;
  const auto place_ring = [&](int tensor, int rows) {
    schedule.tensors[at(tensor)] = {.rows = rows, .offset = offset};
    offset += align_up(rows * graph.tensors[at(tensor)].row_bytes());
  };
  for (int i = stand.first_unit; i <= stand.last_unit; ++i) {
    const Unit& u = unit(i);
    const bool on_whole = i == stand.first_unit && i > 0;
    const std::vector<int>& rows = on_whole ? units_.ring_rows_whole() : units_.ring_rows();
    if (i > stand.first_unit || (i == 0 && schedule.input == InputMode::kRows))
      place_ring(u.in_tensor, rows[at(u.in_tensor)]);
    for (int l = u.first; l < u.last; ++l) {
      const int tensor = graph.layers[at(l)].output;
      place_ring(tensor, rows[at(tensor)]);
    }
  }
  const int first = unit(stand.first_unit).first, last = unit(stand.last_unit).last;
  for (int l = first; l <= last; ++l) {  // running sums live as long as the segment
    if (graph.layers[at(l)].op != ir::OpKind::kGlobalAveragePool) continue;
    schedule.scratch_offset[at(l)] = offset;
    offset += scratch[at(l)];
  }
  for (int l = first; l <= last; ++l)  // no two layers run at once
    if (graph.layers[at(l)].op != ir::OpKind::kGlobalAveragePool) schedule.scratch_offset[at(l)] = offset;
}

void Planner::write(const ir::Graph& graph, std::span<const Bytes> scratch, Schedule& schedule) {
  schedule.segments.clear();
  schedule.tensors.assign(graph.tensors.size(), TensorPlace{});
  schedule.scratch_offset.assign(graph.layers.size(), 0);
  for (const Stand& stand : layout_.stands()) {
    schedule.segments.push_back({unit(stand.first_unit).first, unit(stand.last_unit).last});
    place_working(graph, stand, scratch, schedule);
    const int in = unit(stand.first_unit).in_tensor, out = unit(stand.last_unit).out_tensor;
    if (stand.first_unit > 0 || schedule.input == InputMode::kFrame)
      schedule.tensors[at(in)] = {.rows = graph.tensors[at(in)].h, .offset = stand.in_at};
    schedule.tensors[at(out)] = {.rows = graph.tensors[at(out)].h, .offset = stand.out_at};
  }
}

Schedule plan(const ir::Graph& graph, const PlanOptions& options) {
  std::vector<Bytes> scratch;
  layer_scratch(graph, options.isa, scratch);
  Schedule schedule;
  Planner().plan(graph, options, scratch, schedule);
  return schedule;
}

}  // namespace tinynas::cost
