#include "cost/plan/cuts.h"

#include <algorithm>

#include "tinynas/core/error.h"
#include "tinynas/core/index.h"

namespace tinynas::cost {

namespace {

/// The segment of all units before a cut. It grows with the cut, so that it is worked out once a cut and not
/// at the end of every search backwards; its input is the network's, which is pushed or held, never
/// overlapped.
class FirstSegment {
 public:
  FirstSegment(const Unit& first, const PlanOptions& options, Scratch scratch) : sum_(scratch) {
    if (options.input != InputMode::kFrame) return;
    need_.in = first.in_bytes;
    sum_.add_rings(-first.input_ring_bytes);  // a frame is no ring: extend() adds one for every unit
  }
  const SegmentNeed& extend(const Unit& unit) {
    sum_.add_rings(unit.inner_bytes + unit.input_ring_bytes);
    sum_.add_kernels(unit);
    need_.working = pooled_ ? kNever : sum_.bytes();
    need_.out = unit.out_bytes;
    pooled_ = pooled_ || unit.ends_segment;
    return need_;
  }

 private:
  bool pooled_ = false;
  WorkingSum sum_;
  SegmentNeed need_;
};

}  // namespace

/// least(cut) = min over earlier cuts c of max(least(c), need of the segment c .. cut).
Bytes CutSearch::smallest(const std::vector<Unit>& units, const PlanOptions& options, Scratch scratch,
                          Cuts& cuts) {
  least_.resize(units.size() + 1);
  crossing_.resize(units.size() + 1);
  cuts.resize(units.size() + 1);
  FirstSegment from_input(units.front(), options, scratch);
  for (int cut = 1; cut <= static_cast<int>(units.size()); ++cut) {
    cuts.from[at(cut)] = 0;
    cuts.need[at(cut)] = from_input.extend(units[at(cut - 1)]);
    least_[at(cut)] = cuts.need[at(cut)].apart();
    GrowingSegment segment(units, options, scratch, cut);
    crossing_[at(cut)] = improve(cut, segment, cuts);
  }
  return least_.back();
}

/// Tries the segments that end at `cut` and begin after cut 0, the shortest first; returns crossing_ of the
/// cut. Three bounds on what a segment needs keep that to about three a cut; `working` is least_working():
///     working + out   for it and all longer ones
///     passed          for it and all longer ones: all go through the cut where the one before it began
///     working + in    for it and those that begin with it and end later
Bytes CutSearch::improve(int cut, GrowingSegment& segment, Cuts& cuts) {
  Bytes least = least_[at(cut)], crossing = kNever, passed = 0;
  for (bool grown = true; grown && segment.first() > 0; grown = segment.grow()) {
    const Bytes working = segment.least_working();
    if (working + segment.out() >= least || passed >= least) {  // nor can a longer one do better
      crossing = std::min(crossing, std::max(working, passed));
      break;
    }
    const Bytes before = least_[at(segment.first())], at_least = std::max(before, working + segment.in());
    crossing = std::min(crossing, at_least);
    if (at_least < least) {
      SegmentNeed need{.working = segment.working(), .in = segment.in(), .out = segment.out()};
      if (need.apart() > before) need.lead = segment.lead();  // overlap where apart is not good enough
      const Bytes arena = std::max(before, need.smallest());
      if (arena < least) least = arena, cuts.from[at(cut)] = segment.first(), cuts.need[at(cut)] = need;
    }
    passed = crossing_[at(segment.first())];
  }
  least_[at(cut)] = least;
  return crossing;
}

void CutSearch::fewest(const std::vector<Unit>& units, const PlanOptions& options, Bytes arena, Cuts& cuts) {
  constexpr int kSegment = 1 << 10, kOverlap = 1, kUnreachable = 1 << 30;
  count_.assign(units.size() + 1, kUnreachable);
  count_[0] = 0;
  cuts.resize(units.size() + 1);
  for (int cut = 1; cut <= static_cast<int>(units.size()); ++cut) {
    GrowingSegment segment(units, options, Scratch::kCounted, cut);
    for (bool grown = true; grown && segment.least_working() + segment.out() <= arena;
         grown = segment.grow()) {
      const SegmentNeed need = segment.need();
      if (need.smallest() > arena) continue;
      const int overlap = need.apart() > arena ? kOverlap : 0;
      const int count = count_[at(segment.first())] + kSegment + overlap;
      if (count < count_[at(cut)])
        count_[at(cut)] = count, cuts.from[at(cut)] = segment.first(), cuts.need[at(cut)] = need;
    }
  }
  TINYNAS_CHECK(count_.back() < kUnreachable, "no cuts live in the arena that was planned");
}

}  // namespace tinynas::cost
