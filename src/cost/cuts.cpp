#include "cuts.h"
#include "tinynas/core/index.h"

#include <algorithm>

namespace tinynas::cost {

namespace {

/// The segment of all units before a cut, when rows are pushed: it grows with the cut, so that it is looked
/// at once a cut and not at the end of every search backwards.
class PushedSegment {
 public:
  explicit PushedSegment(Scratch scratch) : counted_(scratch == Scratch::kCounted) {}
  SegmentNeed extend(const Unit& unit) {
    rings_ += unit.inner_bytes + unit.input_ring_bytes;
    if (counted_) {
      scratch_ = std::max(scratch_, unit.scratch_bytes);
      held_ += unit.held_bytes;
    }
    const SegmentNeed need{.working = pooled_ ? kNever : rings_ + scratch_ + held_, .out = unit.out_bytes};
    pooled_ = pooled_ || unit.ends_segment;
    return need;
  }

 private:
  bool counted_, pooled_ = false;
  Bytes rings_ = 0, scratch_ = 0, held_ = 0;
};

}  // namespace

Bytes CutSearch::smallest(const std::vector<Unit>& units, const PlanOptions& options, Scratch scratch,
                          Cuts& cuts) {
  const int count = static_cast<int>(units.size());
  const bool pushed = options.input == InputMode::kRows;
  best_.resize(units.size() + 1);
  best_so_far_.resize(units.size() + 1);
  cuts.resize(units.size() + 1);
  best_[0] = pushed ? kNever : units.front().in_bytes;  // pushed: cut 0 is looked at through `prefix`
  best_so_far_[0] = best_[0];
  PushedSegment prefix(scratch);
  for (int cut = 1; cut <= count; ++cut) {
    SegmentNeed& best_need = cuts.need[at(cut)];
    if (pushed) best_need = prefix.extend(units[at(cut - 1)]);
    Bytes best = pushed ? best_need.working + best_need.out : kNever;
    int from = 0;
    GrowingSegment segment(units, options, scratch, cut);
    while (segment.grow() && segment.floor() + segment.out() < best) {
      const int first = segment.first();
      const Bytes before = best_[at(first)];
      if (std::max(before, segment.floor() + std::max(segment.in(), segment.out())) < best) {
        SegmentNeed need{.working = segment.working(), .in = segment.in(), .out = segment.out()};
        if (need.smallest() > before) need.lead = segment.lead();  // overlap where apart is not good enough
        const Bytes value = std::max(before, need.smallest());
        if (value < best) best = value, from = first, best_need = need;
      }
      if (first > 0 && best <= best_so_far_[at(first - 1)]) break;  // no cut before this one can do better
    }
    best_[at(cut)] = best;
    best_so_far_[at(cut)] = std::min(best_so_far_[at(cut - 1)], best);
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
    while (segment.grow() && segment.floor() + segment.out() <= arena) {
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
