#include "cost/plan/planner.h"

#include <algorithm>

#include "cost/plan/patch_planner.h"
#include "cost/scratch.h"
#include "tinynas/core/error.h"
#include "tinynas/core/index.h"

namespace tinynas::cost {

/// The lower bound over all cuts is nearly always reached by the cuts that give it; if not, the arena grows
/// until some cuts fit. README.md draws the result.
Bytes Planner::smallest_arena(const ir::Graph& graph, const PlanOptions& options, Scratch scratch) {
  Bytes arena = search_.smallest(units_.list(), options, scratch, cuts_);
  layout_.reset(graph, units_, options, scratch);
  if (layout_.fits(cuts_, arena)) return arena;
  while (const Bytes short_by = layout_.shortage(arena)) arena += short_by;
  return arena;
}

void Planner::plan_totals(const ir::Graph& graph, const PlanOptions& options, std::span<const Bytes> scratch,
                          Schedule& totals) {
  units_.rebuild(graph, scratch);
  totals.input = options.input;
  const ir::Shape& input = graph.tensors[at(graph.input)];
  const int rows = units_.ring_rows(unit(0), Source::kRows)[at(graph.input)];
  if (options.input == InputMode::kDma && units_.streams().bytes() > 0)
    throw UnsupportedError(
        "a DMA cannot write rows of a network that keeps rows from call to call: push rows");
  dma_ = options.input == InputMode::kDma ? dma_ring(input, rows) : DmaRing{};
  if (options.input == InputMode::kDma) units_.take_input_out();
  inner_bytes_ = smallest_arena(graph, options, Scratch::kCounted);
  totals.arena_bytes = with_ends(graph, inner_bytes_);
  totals.stream_bytes = units_.streams().bytes();
  totals.input_bytes = units_.streams().has(graph.input)
                           ? units_.streams().rows(graph.input) * input.row_bytes()
                       : options.input == InputMode::kDma  ? dma_.bytes
                       : options.input == InputMode::kRows ? rows * input.row_bytes()
                                                           : input.bytes();
  for (const int tensor : graph.other_inputs) totals.input_bytes += graph.tensors[at(tensor)].bytes();
}

void Planner::plan(const ir::Graph& graph, const PlanOptions& options, std::span<const Bytes> scratch,
                   Schedule& schedule) {
  plan_totals(graph, options, scratch, schedule);
  schedule.activation_bytes = with_ends(graph, smallest_arena(graph, options, Scratch::kZero));
  schedule.scratch_bytes = schedule.arena_bytes - schedule.activation_bytes;
  layout_.reset(graph, units_, options, Scratch::kCounted);
  choose_places(options, inner_bytes_);
  write(graph, options, schedule);
}

Bytes Planner::pinned_bytes(const ir::Graph& graph) const {
  Bytes bytes = 0;
  for (const int tensor : units_.pinned()) bytes += align_up(graph.tensors[at(tensor)].bytes());
  return bytes;
}

/// Behind everything that moves lie the pinned ends and the rings that outlive a call, behind them the ring
/// of a DMA, aligned.
Bytes Planner::with_ends(const ir::Graph& graph, Bytes arena) const {
  arena += pinned_bytes(graph) + units_.streams().bytes();
  return dma_.rows == 0 ? arena : align_for_dma(arena) + dma_.bytes;
}

void Planner::place_ends(const ir::Graph& graph, Schedule& schedule) const {
  Bytes offset = inner_bytes_;
  for (const int tensor : units_.pinned()) {
    schedule.tensors[at(tensor)] = {.rows = graph.tensors[at(tensor)].h, .offset = offset};
    offset += align_up(graph.tensors[at(tensor)].bytes());
  }
  units_.streams().place(graph, offset, schedule);
  if (dma_.rows > 0)
    schedule.tensors[at(graph.input)] = {.rows = dma_.rows, .offset = schedule.arena_bytes - dma_.bytes};
}

/// Chooses the schedule of fewest segments among those with this arena, if its tensors can be placed: it
/// reads best. One of the other two is what smallest_arena() found.
void Planner::choose_places(const PlanOptions& options, Bytes arena) {
  search_.fewest(units_.list(), options, arena, cuts_);
  if (layout_.fits(cuts_, arena) || layout_.shortage(arena) == 0) return;
  search_.smallest(units_.list(), options, Scratch::kCounted, cuts_);
  TINYNAS_CHECK(layout_.fits(cuts_, arena), "the arena that was planned is too small");
}

void Planner::place_working(const ir::Graph& graph, const PlanOptions& options, const Placement& place,
                            Schedule& schedule) {
  working_blocks(graph, units_, options, Scratch::kCounted, place.first_unit, place.last_unit + 1, blocks_);
  Bytes in_gap = 0, beside = 0, shared_at = 0;
  for (const Block& block : blocks_) {
    const bool fits_gap = in_gap + block.bytes <= place.gap_bytes;
    const Bytes offset = fits_gap ? place.gap_at + in_gap : place.working_at + beside;
    (fits_gap ? in_gap : beside) += block.bytes;
    if (block.tensor >= 0)
      schedule.tensors[at(block.tensor)] = {.rows = block.rows, .offset = offset};
    else if (block.pool_layer >= 0)
      schedule.scratch_offset[at(block.pool_layer)] = offset;
    else
      shared_at = offset;
  }
  for (int l = unit(place.first_unit).first; l <= unit(place.last_unit).last; ++l)
    if (graph.layers[at(l)].op != ir::OpKind::kGlobalAveragePool) schedule.scratch_offset[at(l)] = shared_at;
}

void Planner::write(const ir::Graph& graph, const PlanOptions& options, Schedule& schedule) {
  schedule.segments.clear();
  schedule.tensors.assign(graph.tensors.size(), TensorPlace{});
  schedule.scratch_offset.assign(graph.layers.size(), 0);
  for (const Placement& place : layout_.placements()) {
    schedule.segments.push_back({unit(place.first_unit).first, unit(place.last_unit).last});
    place_working(graph, options, place, schedule);
    const int in = unit(place.first_unit).in_tensor, out = unit(place.last_unit).out_tensor;
    if (place.first_unit > 0 || schedule.input == InputMode::kFrame)
      schedule.tensors[at(in)] = {.rows = graph.tensors[at(in)].h, .offset = place.in_at};
    schedule.tensors[at(out)] = {.rows = graph.tensors[at(out)].h, .offset = place.out_at};
  }
  place_ends(graph, schedule);
}

Schedule plan(const ir::Graph& graph, const PlanOptions& options) {
  ir::validate(graph);  // once here; the planner itself trusts its graphs
  std::vector<Bytes> scratch;
  layer_scratch(graph, options.isa, scratch);
  Schedule schedule;
  Planner().plan(graph, options, scratch, schedule);
  if (options.most_columns == 1 || options.input != InputMode::kFrame || !options.arena_limit ||
      schedule.arena_bytes <= *options.arena_limit || graph.has_several_ends() || schedule.stream_bytes > 0)
    return schedule;
  const std::optional<Schedule> patched = plan_patches(graph, options, scratch);
  return patched && patched->arena_bytes < schedule.arena_bytes ? *patched : schedule;
}

}  // namespace tinynas::cost
