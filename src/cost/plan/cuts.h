#pragma once

#include <vector>

#include "cost/plan/segments.h"

namespace tinynas::cost {

/// Where a network is cut: from[cut] is the cut before, back to 0, and need[cut] what the segment between
/// them needs. Cut c comes after c units.
struct Cuts {
  std::vector<int> from;
  std::vector<SegmentNeed> need;
  void resize(std::size_t cuts) {
    from.resize(cuts);
    need.resize(cuts);
  }
};

/// Chooses cuts by dynamic programming; keeps its memory.
class CutSearch {
 public:
  /// min over cuts of max over segments of their smallest need, and such cuts: no arrangement needs less.
  Bytes smallest(const std::vector<Unit>& units, const PlanOptions& options, Scratch scratch, Cuts& cuts);
  /// The fewest segments, then the fewest overlaps, that each need at most `arena`.
  void fewest(const std::vector<Unit>& units, const PlanOptions& options, Bytes arena, Cuts& cuts);

 private:
  Bytes improve(int cut, GrowingSegment& segment, Cuts& cuts);

  std::vector<Bytes> least_;  ///< by cut: the least arena of the units before it
  /// By cut: a lower bound on every plan with a segment that crosses it and does not begin at cut 0.
  std::vector<Bytes> crossing_;
  std::vector<int> count_;
};

}  // namespace tinynas::cost
