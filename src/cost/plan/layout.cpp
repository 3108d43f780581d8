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
  short_by_ = kNever;
  places_.assign(units().size() + 1, Places{});
  const Bytes held = options_.input == InputMode::kFrame ? units().front().in_bytes : 0;
  places_[0].low.offset = places_[0].high.offset = arena - held;
}

/// Bytes of the working set that are left when the gap above the end tensors has taken what it can.
Bytes Layout::working_outside(const SegmentNeed& segment, int from, int to, Bytes gap) {
  if (gap <= 0) return segment.working;
  working_blocks(*graph_, *units_, options_, scratch_, from, to, blocks_);
  return segment.working - gap_filling(blocks_, gap);
}

/// Places of the output of the segment from .. to, given those of its input; I and O are where they begin.
void Layout::extend(const SegmentNeed& segment, int from, int to) {
  if (places_[at(from)].high.found()) extend_from_high(segment, from, to);
  if (places_[at(from)].low.found()) extend_from_low(segment, from, to);
}

/// The input begins at exactly I and leaves a gap above it.
void Layout::extend_from_high(const SegmentNeed& segment, int from, int to) {
  Places& out = places_[at(to)];
  const Bytes in_at = places_[at(from)].high.offset, gap = arena_ - in_at - segment.in;
  // Apart: O + out + work <= I.
  const Bytes under = in_at - working_outside(segment, from, to, gap) - segment.out;
  offer(out.low, under, from, Move::kDown, under);
  if (segment.lead == kNever) return;
  // Overlapped: O + lead <= I, O + out <= arena, work <= O.
  const Bytes top = arena_ - segment.out, slid = std::min(in_at - segment.lead, top);
  const Bytes work = working_outside(segment, from, to, std::min(gap, top - slid));
  offer(out.high, slid, from, Move::kSlideHigh, slid - work);
  if (work > 0) return;
  // Nothing is in the way below. An ADD alone writes each row at the very place of its input's, or apart from
  // it.
  const Unit& first = units()[at(from)];
  const bool in_place = to == from + 1 && first.adds_input && segment.lead == 0;
  const Bytes below = slid - (in_place ? align_up(first.out_row_bytes) : 0);
  offer(out.low, below, from, Move::kSlideHigh, below);
}

/// The input begins anywhere in [0, I].
void Layout::extend_from_low(const SegmentNeed& segment, int from, int to) {
  Places& out = places_[at(to)];
  const Bytes top = arena_ - segment.out;
  // Apart, the input at 0: in + work <= O, O + out <= arena.
  offer(out.high, top, from, Move::kUp, top - segment.in - segment.working);
  if (segment.lead == kNever) return;
  // Overlapped: O + lead <= I; the work above both: O + out + work <= arena, O + lead + in + work <= arena.
  const Bytes slid = std::min({places_[at(from)].low.offset - segment.lead, top - segment.working,
                               arena_ - segment.working - segment.in - segment.lead});
  offer(out.low, slid, from, Move::kSlideLow, slid);
}

/// One place serves as both where only one is known.
void Layout::join_ends(Places& places) {
  if (places.low.offset > places.high.offset)
    places.high = {.offset = places.low.offset};
  else if (places.high.offset == 0 && !places.low.found())
    places.low = {.offset = 0};
}

bool Layout::fits(const Cuts& cuts, Bytes arena) {
  start(arena);
  path_.clear();
  for (int cut = static_cast<int>(units().size()); cut > 0; cut = cuts.from[at(cut)]) path_.push_back(cut);
  int from = 0;
  for (std::size_t i = path_.size(); i-- > 0;) {
    extend(cuts.need[at(path_[i])], from, path_[i]);
    join_ends(places_[at(path_[i])]);
    from = path_[i];
  }
  return reached();
}

/// Places move one to one with the arena's size, so growing by the smallest shortage never oversteps.
Bytes Layout::shortage(Bytes arena) {
  start(arena);
  for (int cut = 1; cut <= static_cast<int>(units().size()); ++cut) {
    GrowingSegment segment(units(), options_, scratch_, cut);
    for (bool grown = true; grown; grown = segment.grow()) {
      if (const Bytes over = segment.least_working() + segment.out() - arena; over > 0) {
        short_by_ = std::min(short_by_, over);
        break;
      }
      extend(segment.need(), segment.first(), cut);
    }
    join_ends(places_[at(cut)]);
  }
  return reached() ? 0 : short_by_;
}

/// The segment that ends at `cut`, its output at `out_at`, where `place` allows it.
Placement Layout::placement(const Place& place, int cut, Bytes out_at) const {
  const SegmentNeed segment = segment_need(units(), options_, scratch_, place.from, cut);
  Placement result{.first_unit = place.from, .last_unit = cut - 1, .out_at = out_at, .gap_at = arena_};
  const Bytes in_high = places_[at(place.from)].high.offset, out_end = out_at + segment.out;
  switch (place.move) {
    case Move::kUp:
      result.working_at = segment.in;
      break;
    case Move::kDown:
      result.in_at = in_high;
      result.working_at = out_end;
      result.gap_at = in_high + segment.in;
      break;
    case Move::kSlideHigh:
      result.in_at = in_high;
      result.gap_at = std::max(in_high + segment.in, out_end);
      break;
    case Move::kSlideLow:
      result.in_at = out_at + segment.lead;
      result.working_at = std::max(result.in_at + segment.in, out_end);
      break;
    case Move::kSame:
      TINYNAS_CHECK(false, "a tensor has no place at a cut");
  }
  result.gap_bytes = arena_ - result.gap_at;
  return result;
}

const std::vector<Placement>& Layout::placements() {
  placements_.clear();
  int cut = static_cast<int>(units().size());
  bool high = !places_.back().low.found();
  Bytes out_at = high ? places_.back().high.offset : 0;
  while (cut > 0) {
    const Places& places = places_[at(cut)];
    if ((high ? places.high : places.low).move == Move::kSame) high = !high;
    const Place& place = high ? places.high : places.low;
    placements_.push_back(placement(place, cut, out_at));
    cut = place.from;
    high = place.move == Move::kDown || place.move == Move::kSlideHigh;
    out_at = placements_.back().in_at;
  }
  std::reverse(placements_.begin(), placements_.end());
  return placements_;
}

}  // namespace tinynas::cost
