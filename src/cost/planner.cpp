#include "planner.h"

#include <algorithm>

#include "tinynas/core/error.h"

namespace tinynas::cost {

namespace {

std::size_t at(int i) { return static_cast<std::size_t>(i); }

}  // namespace

// Calls visit(first_unit, need) for the segments that end at `cut`, shortest first, until it returns false
// (the inner rings only grow). Everything is a running sum, so that a segment costs a few operations.
template <typename Visit>
void Planner::visit_segments_ending_at(int cut, Visit visit) const {
  const Unit& last = unit(cut - 1);
  SegmentNeed segment{.out = align_up(last.out_rows * last.out_row_bytes)};
  Bytes rings = 0, scratch = 0, held = 0;
  bool regular = true;
  Lag lag = lag_at_output(last, false);
  for (int first = cut - 1; first >= 0; --first) {
    const Unit& u = unit(first);
    if (u.ends_segment && first != cut - 1) return;
    if (scratch_ == Scratch::kCounted) {
      scratch = std::max(scratch, u.scratch_bytes);
      held += u.held_bytes;
    }
    regular = regular && u.regular;
    const bool rows = first == 0 && pushed();
    segment.floor = segment.working = rings + scratch + held;
    segment.floor += u.inner_bytes;
    segment.in = rows ? 0 : align_up(u.in_rows * u.in_row_bytes);
    segment.working += rows         ? u.inner_bytes + u.input_ring_bytes
                       : first == 0 ? u.inner_bytes
                                    : u.inner_bytes_whole;
    segment.lead = kNever;
    // A held frame is never overlapped: rows that nobody reads are pushed too, when the output may stand there.
    if (first > 0 && regular && options_.overlap == Overlap::kAllowed)
      segment.lead = lead_of(u, last, first == cut - 1 ? lag_at_output(last, true) : lag);
    if (!visit(first, segment)) return;
    rings += u.inner_bytes + u.input_ring_bytes;
    lag.through(u);
  }
}

/// Bytes of one segment if its tensors stand as close as they may.
Bytes Planner::need(const SegmentNeed& segment) const {
  const Bytes apart = segment.in + segment.out;
  return segment.working + std::min(apart, std::max(segment.lead + segment.in, segment.out));
}

/// min over cuts of max over segments of need: no arrangement of the same segments can do better.
Bytes Planner::lower_bound() {
  best_.assign(at(unit_count() + 1), kNever);
  best_[0] = 0;
  for (int cut = 1; cut <= unit_count(); ++cut) {
    Bytes& best = best_[at(cut)];
    visit_segments_ending_at(cut, [&](int first, const SegmentNeed& segment) {
      best = std::min(best, std::max(best_[at(first)], need(segment)));
      return segment.floor + segment.out < best;
    });
  }
  return best_.back();
}

/// Tries one segment on what is reachable before it; returns by how much the arena is too small for it.
Bytes Planner::extend_reach(const SegmentNeed& segment, int from, int to, Bytes arena) {
  const Reach& before = reach_[at(from)];
  Reach& after = reach_[at(to)];
  Bytes short_by = kNever;
  const auto low = [&](Bytes position, Move move) {
    if (position < 0) short_by = std::min(short_by, -position);
    if (position > after.low) after.low = position, after.low_from = from, after.low_move = move;
  };
  const auto high = [&](Bytes position, Bytes working_fits, Move move) {
    if (working_fits < 0) short_by = std::min(short_by, -working_fits);
    if (working_fits >= 0 && position > after.high)
      after.high = position, after.high_from = from, after.high_move = move;
  };
  const Bytes top = arena - segment.out;
  if (before.high >= 0) {  // the output goes below it, what the segment works with between them
    low(before.high - segment.working - segment.out, Move::kApart);
    if (segment.lead != kNever) {  // the output slides down from it, what the segment works with lies below
      const Bytes position = std::min(before.high - segment.lead, top);
      high(position, position - segment.working, Move::kOverlap);
    }
  }
  if (before.low >= 0) {  // the output goes to the top, what the segment works with between them
    high(top, top - segment.in - segment.working, Move::kApart);
    if (segment.lead !=
        kNever)  // the output slides down to at least 0, what the segment works with lies above
      low(std::min({before.low - segment.lead, top - segment.working,
                    arena - segment.working - segment.in - segment.lead}),
          Move::kOverlap);
  }
  return short_by;
}

/// Fills reach_ for an arena; 0 if the network's output can stand in it, else how much it is too small at
/// least.
Bytes Planner::reach_ends(Bytes arena) {
  reach_.assign(at(unit_count() + 1), Reach{});
  const Bytes in = pushed() ? 0 : align_up(unit(0).in_rows * unit(0).in_row_bytes);
  reach_[0].low = reach_[0].high = arena - in;
  Bytes short_by = kNever;
  for (int cut = 1; cut <= unit_count(); ++cut)
    visit_segments_ending_at(cut, [&](int first, const SegmentNeed& segment) {
      short_by = std::min(short_by, extend_reach(segment, first, cut, arena));
      const Bytes over = segment.floor + segment.out - arena;
      if (over > 0) short_by = std::min(short_by, over);
      return over <= 0;
    });
  return reach_.back().low >= 0 || reach_.back().high >= 0 ? 0 : short_by;
}

/// Positions move one to one with the arena's size, so growing by the smallest shortage never oversteps.
Bytes Planner::smallest_arena(Scratch scratch) {
  scratch_ = scratch;
  Bytes arena = lower_bound();
  while (const Bytes short_by = reach_ends(arena)) arena += short_by;
  return arena;
}

/// Fixes one position per cut tensor, from the network's output back to its input.
void Planner::trace_back(Bytes arena) {
  stands_.clear();
  int cut = unit_count();
  bool high = reach_.back().low < 0;
  Bytes position = high ? reach_.back().high : 0;
  while (cut > 0) {
    const Reach& reach = reach_[at(cut)];
    const Move move = high ? reach.high_move : reach.low_move;
    const int from = high ? reach.high_from : reach.low_from;
    SegmentNeed segment;
    visit_segments_ending_at(cut, [&](int first, const SegmentNeed& s) {
      segment = s;
      return first > from;
    });
    Stand stand{.first_unit = from, .last_unit = cut - 1, .out_at = position};
    const bool from_high = (move == Move::kApart) != high;
    if (from_high)
      stand.in_at = reach_[at(from)].high;
    else
      stand.in_at = move == Move::kApart ? 0 : position + segment.lead;
    if (move == Move::kApart)
      stand.working_at = high ? stand.in_at + segment.in : position + segment.out;
    else
      stand.working_at = high ? 0 : std::max(position + segment.out, stand.in_at + segment.in);
    TINYNAS_CHECK(stand.working_at + segment.working <= arena,
                  "a segment does not fit the arena planned for it");
    stands_.push_back(stand);
    cut = from;
    high = from_high;
    position = stand.in_at;
  }
  std::reverse(stands_.begin(), stands_.end());
}

void Planner::place_working(const ir::Graph& graph, const Stand& stand, Schedule& schedule) const {
  Bytes offset = stand.working_at;
  const bool whole = stand.first_unit > 0;
  const auto place_ring = [&](int tensor, int rows) {
    schedule.tensors[at(tensor)] = {.rows = rows, .offset = offset};
    offset += align_up(rows * graph.tensors[at(tensor)].row_bytes());
  };
  Bytes scratch = 0;
  for (int i = stand.first_unit; i <= stand.last_unit; ++i) {
    const Unit& u = unit(i);
    const auto& rows = whole && i == stand.first_unit ? units_.ring_rows_whole() : units_.ring_rows();
    if (i > stand.first_unit || (i == 0 && pushed())) place_ring(u.in_tensor, rows[at(u.in_tensor)]);
    for (int l = u.first; l < u.last; ++l) {
      const int tensor = graph.layers[at(l)].output;
      place_ring(tensor, rows[at(tensor)]);
    }
    scratch = std::max(scratch, u.scratch_bytes);
  }
  for (int l = unit(stand.first_unit).first; l <= unit(stand.last_unit).last; ++l)
    schedule.scratch_offset[at(l)] = offset;
  offset += scratch;
  for (int l = unit(stand.first_unit).first; l <= unit(stand.last_unit).last; ++l) {
    if (graph.layers[at(l)].op != ir::OpKind::kGlobalAveragePool) continue;
    schedule.scratch_offset[at(l)] = offset;
    offset += layer_scratch_bytes(graph, graph.layers[at(l)], options_.isa);
  }
}

void Planner::write_schedule(const ir::Graph& graph, Schedule& schedule) const {
  schedule.segments.clear();
  schedule.tensors.assign(graph.tensors.size(), TensorPlace{});
  schedule.scratch_offset.assign(graph.layers.size(), 0);
  for (const Stand& stand : stands_) {
    schedule.segments.push_back({unit(stand.first_unit).first, unit(stand.last_unit).last});
    place_working(graph, stand, schedule);
    const int in = unit(stand.first_unit).in_tensor, out = unit(stand.last_unit).out_tensor;
    if (stand.first_unit > 0 || !pushed())
      schedule.tensors[at(in)] = {.rows = graph.tensors[at(in)].h, .offset = stand.in_at};
    schedule.tensors[at(out)] = {.rows = graph.tensors[at(out)].h, .offset = stand.out_at};
  }
  schedule.input_bytes = schedule.tensors[at(graph.input)].rows * graph.tensors[at(graph.input)].row_bytes();
}

void Planner::plan(const ir::Graph& graph, const PlanOptions& options, Schedule& schedule) {
  options_ = options;
  units_.rebuild(graph, options.isa);
  schedule.input = options.input;
  schedule.activation_bytes = smallest_arena(Scratch::kZero);
  schedule.arena_bytes = smallest_arena(Scratch::kCounted);
  schedule.scratch_bytes = schedule.arena_bytes - schedule.activation_bytes;
  trace_back(schedule.arena_bytes);
  write_schedule(graph, schedule);
}

Schedule plan(const ir::Graph& graph, const PlanOptions& options) {
  Schedule schedule;
  Planner().plan(graph, options, schedule);
  return schedule;
}

}  // namespace tinynas::cost
