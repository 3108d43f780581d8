#include "layout.h"

#include <algorithm>

#include "tinynas/core/error.h"

namespace tinynas::cost {

namespace {

std::size_t at(int i) { return static_cast<std::size_t>(i); }

}  // namespace

void Layout::reset(const std::vector<Unit>& units, const PlanOptions& options, Scratch scratch) {
  units_ = &units;
  options_ = options;
  scratch_ = scratch;
}

void Layout::start(Bytes arena) {
  arena_ = arena;
  reach_.assign(units_->size() + 1, Reach{});
  reach_[0].low = reach_[0].high =
      arena - (options_.input == InputMode::kRows ? 0 : units_->front().in_bytes);
}

/// Tries one segment on what is reachable before it; returns by how much the arena is too small for it.
Bytes Layout::extend(const SegmentNeed& segment, int from, int to) {
  const Reach& before = reach_[at(from)];
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
  if (before.high >= 0) {
    low(before.high - segment.working - segment.out, Move::kApart);  // output below, the work between
    if (overlaps) {                                                  // output slides down, the work below
      const Bytes position = std::min(before.high - segment.lead, top);
      high(position, position - segment.working, Move::kOverlap);
    }
  }
  if (before.low >= 0) {
    high(top, top - segment.in - segment.working, Move::kApart);  // output on top, the work between
    if (overlaps)                                                 // output slides down, the work above
      low(std::min({before.low - segment.lead, top - segment.working,
                    arena_ - segment.working - segment.in - segment.lead}),
          Move::kOverlap);
  }
  return short_by;
}

bool Layout::fits(const Cuts& cuts, Bytes arena) {
  start(arena);
  path_.clear();
  for (int cut = static_cast<int>(units_->size()); cut > 0; cut = cuts.from[at(cut)]) path_.push_back(cut);
  int from = 0;
  for (std::size_t i = path_.size(); i-- > 0;) {
    extend(segment_need(*units_, options_, scratch_, from, path_[i]), from, path_[i]);
    from = path_[i];
  }
  return reached();
}

/// Positions move one to one with the arena's size, so growing by the smallest shortage never oversteps.
Bytes Layout::shortage(Bytes arena) {
  start(arena);
  Bytes short_by = kNever;
  for (int cut = 1; cut <= static_cast<int>(units_->size()); ++cut) {
    GrowingSegment segment(*units_, options_, scratch_, cut);
    while (segment.grow()) {
      if (const Bytes over = segment.floor() + segment.out() - arena; over > 0) {
        short_by = std::min(short_by, over);
        break;
      }
      short_by = std::min(short_by, extend(segment.need(), segment.first(), cut));
    }
  }
  return reached() ? 0 : short_by;
}

const std::vector<Stand>& Layout::stands() {
  stands_.clear();
  int cut = static_cast<int>(units_->size());
  bool high = reach_.back().low < 0;
  Bytes position = high ? reach_.back().high : 0;
  while (cut > 0) {
    const Reach& reach = reach_[at(cut)];
    const bool apart = (high ? reach.high_move : reach.low_move) == Move::kApart;
    const int from = high ? reach.high_from : reach.low_from;
    const SegmentNeed segment = segment_need(*units_, options_, scratch_, from, cut);
    const bool from_high = apart != high;  // apart, the ends take turns
    Stand stand{.first_unit = from, .last_unit = cut - 1, .out_at = position};
    stand.in_at = from_high ? reach_[at(from)].high : apart ? 0 : position + segment.lead;
    if (apart)
      stand.working_at = high ? stand.in_at + segment.in : position + segment.out;
    else
      stand.working_at = high ? 0 : std::max(position + segment.out, stand.in_at + segment.in);
    TINYNAS_CHECK(stand.working_at + segment.working <= arena_,
                  "a segment does not fit the arena planned for it");
    stands_.push_back(stand);
    cut = from;
    high = from_high;
    position = stand.in_at;
  }
  std::reverse(stands_.begin(), stands_.end());
  return stands_;
}

}  // namespace tinynas::cost
