#include "cost/plan/layout.h"

#include <algorithm>

#include "tinynas/core/error.h"
#include "tinynas/core/index.h"

namespace tinynas::cost {

void Layout::reset(const ir::Graph& graph, const Units& units, const PlanOptions& options, Scratch scratch) {
  graph_ = &graph;
  units_ = &units;
  options_ = options;
  scratch_ = scratch;
}

void Layout::start(Bytes arena) {
  arena_ = arena;
  reach_.assign(units().size() + 1, Reach{});
  reach_[0].low = reach_[0].high =
      arena - (options_.input == InputMode::kRows ? 0 : units().front().in_bytes);
}

/// Working bytes that are left when the gap above the end tensors has taken what it can.
Bytes Layout::working_beside(const SegmentNeed& segment, int from, int to, Bytes gap) {
  if (gap <= 0) return segment.working;
  working_blocks(*graph_, *units_, options_, scratch_, from, to, blocks_);
  return segment.working - gap_filling(blocks_, gap);
}

/// Tries one segment on what is reachable before it; returns by how much the arena is too small for it.
Bytes Layout::extend(const SegmentNeed& segment, int from, int to) {
  const Bytes before_low = reach_[at(from)].low, before_high = reach_[at(from)].high;
  Reach& after = reach_[at(to)];
  Bytes short_by = kNever;
  const auto low = [&](Bytes position, Move move) {
    if (position < 0) short_by = std::min(short_by, -position);
    if (position > after.low) after.low = position, after.low_from = from, after.low_move = move;
  };
  const auto high = [&](Bytes position, Bytes left_over, Move move) {
    if (left_over < 0) short_by = std::min(short_by, -left_over);
    if (left_over >= 0 && position > after.high)
      after.high = position, after.high_from = from, after.high_move = move;
  };
  const Bytes top = arena_ - segment.out;
  const bool overlaps = segment.lead != kNever;
  if (before_high >= 0) {
    const Bytes gap = arena_ - before_high - segment.in;
    low(before_high - working_beside(segment, from, to, gap) - segment.out, Move::kApart);  // output below
    if (overlaps) {  // output slides down, the work below
      const Bytes position = std::min(before_high - segment.lead, top);
      const Bytes above = std::min(gap, top - position);
      const Bytes below = working_beside(segment, from, to, above);
      high(position, position - below, Move::kOverlap);
      if (below == 0) low(position, Move::kOverlapUnderWork);  // all of the work fits above
    }
  }
  if (before_low >= 0) {
    high(top, top - segment.in - segment.working, Move::kApart);  // output on top, the work between
    if (overlaps)                                                 // output slides down, the work above
      low(std::min({before_low - segment.lead, top - segment.working,
                    arena_ - segment.working - segment.in - segment.lead}),
          Move::kOverlap);
  }
  return short_by;
}

/// One position serves as both where only one is known.
void Layout::join_ends(Reach& reach) {
  if (reach.low > reach.high) {
    reach.high = reach.low;
    reach.high_move = Move::kSame;
  } else if (reach.high == 0 && reach.low < 0) {
    reach.low = 0;
    reach.low_move = Move::kSame;
  }
}

bool Layout::fits(const Cuts& cuts, Bytes arena) {
  start(arena);
  path_.clear();
  for (int cut = static_cast<int>(units().size()); cut > 0; cut = cuts.from[at(cut)]) path_.push_back(cut);
  int from = 0;
  for (std::size_t i = path_.size(); i-- > 0;) {
    extend(cuts.need[at(path_[i])], from, path_[i]);
    join_ends(reach_[at(path_[i])]);
    from = path_[i];
  }
  return reached();
}

/// Positions move one to one with the arena's size, so growing by the smallest shortage never oversteps.
Bytes Layout::shortage(Bytes arena) {
  start(arena);
  Bytes short_by = kNever;
  for (int cut = 1; cut <= static_cast<int>(units().size()); ++cut) {
    GrowingSegment segment(units(), options_, scratch_, cut);
    for (bool grown = true; grown; grown = segment.grow()) {
      if (const Bytes over = segment.floor() + segment.out() - arena; over > 0) {
        short_by = std::min(short_by, over);
        break;
      }
      short_by = std::min(short_by, extend(segment.need(), segment.first(), cut));
    }
    join_ends(reach_[at(cut)]);
  }
  return reached() ? 0 : short_by;
}

const std::vector<Stand>& Layout::stands() {
  stands_.clear();
  int cut = static_cast<int>(units().size());
  bool high = reach_.back().low < 0;
  Bytes position = high ? reach_.back().high : 0;
  while (cut > 0) {
    const Reach& reach = reach_[at(cut)];
    if ((high ? reach.high_move : reach.low_move) == Move::kSame) high = !high;
    const Move move = high ? reach.high_move : reach.low_move;
    const int from = high ? reach.high_from : reach.low_from;
    const SegmentNeed segment = segment_need(units(), options_, scratch_, from, cut);
    const bool apart = move == Move::kApart;
    const bool from_high = move == Move::kOverlapUnderWork || apart != high;  // apart, the ends take turns
    Stand stand{.first_unit = from, .last_unit = cut - 1, .out_at = position};
    stand.in_at = from_high ? reach_[at(from)].high : apart ? 0 : position + segment.lead;
    const Bytes in_end = stand.in_at + segment.in, out_end = position + segment.out;
    stand.gap_at = from_high ? (apart ? in_end : std::max(in_end, out_end)) : arena_;
    stand.gap_bytes = arena_ - stand.gap_at;
    if (apart)
      stand.working_at = high ? in_end : out_end;
    else
      stand.working_at = high ? 0 : std::max(out_end, in_end);
    stands_.push_back(stand);
    cut = from;
    high = from_high;
    position = stand.in_at;
  }
  std::reverse(stands_.begin(), stands_.end());
  return stands_;
}

}  // namespace tinynas::cost
