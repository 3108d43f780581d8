#include "cost/plan/cuts.h"
#include "tinynas/core/index.h"

#include <algorithm>

namespace tinynas::cost {

namespace {

/// The segment of all units before a cut. It grows with the cut, so that it is looked at once a cut and not
/// at the end of every search backwards; its input is the network's, which is pushed or held, never
/// overlapped.
class FirstSegment {
 public:
  FirstSegment(const Unit& first, const PlanOptions& options, Scratch scratch)
      : counted_(scratch == Scratch::kCounted) {
    if (options.input == InputMode::kRows) return;
    need_.in = first.in_bytes;
    rings_ = -first.input_ring_bytes;  // a frame is no ring: extend() adds one for every unit
  }
  const SegmentNeed& extend(const Unit& unit) {
    rings_ += unit.inner_bytes + unit.input_ring_bytes;
    if (counted_) {
      scratch_ = std::max(scratch_, unit.scratch_bytes);
      held_ += unit.held_bytes;
    }
    need_.working = pooled_ ? kNever : rings_ + scratch_ + held_;
    need_.out = unit.out_bytes;
    pooled_ = pooled_ || unit.ends_segment;
    return need_;
  }

 private:
  bool counted_, pooled_ = false;
  Bytes rings_ = 0, scratch_ = 0, held_ = 0;
  SegmentNeed need_;
};

}  // namespace

Bytes CutSearch::smallest(const std::vector<Unit>& units, const PlanOptions& options, Scratch scratch,
                          Cuts& cuts) {
  best_.resize(units.size() + 1);
  across_.resize(units.size() + 1);
  cuts.resize(units.size() + 1);
  FirstSegment from_input(units.front(), options, scratch);
  for (int cut = 1; cut <= static_cast<int>(units.size()); ++cut) {
    SegmentNeed& best_need = cuts.need[at(cut)];
    best_need = from_input.extend(units[at(cut - 1)]);
    const Bytes out = best_need.out;
    Bytes best = best_need.working + best_need.in + out, across = kNever, across_first = 0;
    int from = 0;
    GrowingSegment segment(units, options, scratch, cut);
    for (bool grown = true; grown && segment.first() > 0; grown = segment.grow()) {
      const int first = segment.first();
      const Bytes floor = segment.floor();
      if (floor + out >= best || across_first >= best) {  // nor can a longer one do better
        across = std::min(across, std::max(floor, across_first));
        break;
      }
      const Bytes before = best_[at(first)], with_in = std::max(before, floor + segment.in());
      across = std::min(across, with_in);
      if (with_in < best) {
        SegmentNeed need{.working = segment.working(), .in = segment.in(), .out = out};
        if (need.smallest() > before) need.lead = segment.lead();  // overlap where apart is not good enough
        const Bytes value = std::max(before, need.smallest());
        if (value < best) best = value, from = first, best_need = need;
      }
      across_first = across_[at(first)];
    }
    best_[at(cut)] = best;
    across_[at(cut)] = across;
    cuts.from[at(cut)] = from;
  }
  return best_.back();
}

void CutSearch::fewest(const std::vector<Unit>& units, const PlanOptions& options, Bytes arena, Cuts& cuts) {
  constexpr int kSegment = 1 << 10, kOverlap = 1, kUnreachable = 1 << 30;
  count_.assign(units.size() + 1, kUnreachable);
  count_[0] = 0;
  cuts.resize(units.size() + 1);
  for (int cut = 1; cut <= static_cast<int>(units.size()); ++cut) {
    GrowingSegment segment(units, options, Scratch::kCounted, cut);
    for (bool grown = true; grown && segment.floor() + segment.out() <= arena; grown = segment.grow()) {
      const SegmentNeed need = segment.need();
      if (need.smallest() > arena) continue;
      const int overlap = need.working + need.in + need.out > arena ? kOverlap : 0;
      const int count = count_[at(segment.first())] + kSegment + overlap;
      if (count < count_[at(cut)])
        count_[at(cut)] = count, cuts.from[at(cut)] = segment.first(), cuts.need[at(cut)] = need;
    }
  }
}

}  // namespace tinynas::cost
