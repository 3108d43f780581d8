#pragma once

#include <algorithm>
#include <vector>

#include "cost/plan/units.h"
#include "tinynas/cost/plan.h"

namespace tinynas::cost {

constexpr Bytes kNever = Bytes{1} << 40;

/// What a run of units needs in the arena as one segment.
struct SegmentNeed {
  Bytes working = 0;  ///< the working set
  Bytes in = 0;       ///< the input as a whole tensor; 0 if rows are pushed
  Bytes out = 0;      ///< the output, always whole
  /// Overlapped, the input must begin this far above the output; kNever if the two must stay apart.
  Bytes lead = kNever;
  Bytes apart() const { return working + in + out; }
  /// Apart or overlapped, whichever is less.
  Bytes smallest() const { return std::min(apart(), working + std::max(lead + in, out)); }
};

/// How many rows of a unit's output exist while a row of the segment's output is made: min(cap, step * m +
/// ahead) while output row m - 1 is written. Grown backwards from the last unit.
struct Lag {
  int step = 1, ahead = 0, cap = 0;
  void through(const Unit& unit) {
    cap = static_cast<int>(
        std::min<std::int64_t>(unit.in_rows, std::int64_t{unit.lag_step} * cap + unit.lag_ahead));
    ahead = unit.lag_step * ahead + unit.lag_ahead;
    step *= unit.lag_step;
  }
};
/// The lag of the last unit's own output.
Lag lag_at_output(const Unit& first, const Unit& last);

/// Bytes by which a whole input must begin above the output, so that no row of the output is written over a
/// row of the input that somebody still reads:
///     lead = max over m of (m * out_row - oldest(R(m)) * in_row)
/// where R(m) rows of the first unit's output exist while output row m - 1 is written (`lag`). R is linear
/// until its cap and oldest is linear once it leaves zero; so three points suffice.
Bytes overlap_lead(const Unit& first, const Unit& last, const Lag& lag);

/// Is kernel scratch counted?
enum class Scratch : std::uint8_t { kCounted, kZero };

/// The bytes of a working set, unit by unit: rings and the sums of pools add up, of scratch the largest
/// counts.
class WorkingSum {
 public:
  explicit WorkingSum(Scratch scratch) : counted_(scratch == Scratch::kCounted) {}
  void add_rings(Bytes bytes) { rings_ += bytes; }
  void add_kernels(const Unit& unit) {
    if (!counted_) return;
    scratch_ = std::max(scratch_, unit.scratch_bytes);
    held_ += unit.held_bytes;
  }
  Bytes bytes() const { return rings_ + scratch_ + held_; }

 private:
  bool counted_;
  Bytes rings_ = 0, scratch_ = 0, held_ = 0;
};

/// The segments that end at one cut, from its last unit alone backwards.
class GrowingSegment {
 public:
  GrowingSegment(const std::vector<Unit>& units, const PlanOptions& options, Scratch scratch, int cut)
      : options_(options), begin_(units.data()), last_(begin_ + cut - 1), first_(last_), sum_(scratch) {
    sum_.add_kernels(*first_);
  }
  /// Takes the unit before in; false if there is none or a pool ends the segment before.
  bool grow() {
    if (first_ == begin_ || first_[-1].ends_segment) return false;
    sum_.add_rings(first_->inner_bytes + first_->input_ring_bytes);
    sum_.add_kernels(*--first_);
    return true;
  }
  int first() const { return static_cast<int>(first_ - begin_); }
  /// Working bytes that this segment and every longer one have at least. The rings inside the first unit are
  /// longer or shorter if its input is whole: what needs other inputs of the network alone waits less then.
  Bytes least_working() const {
    return sum_.bytes() + std::min(first_->inner_bytes, first_->inner_bytes_whole);
  }
  Bytes in() const { return pushed() ? 0 : first_->in_bytes; }
  Bytes out() const { return last_->out_bytes; }
  Bytes working() const {
    if (first_ != begin_) return sum_.bytes() + first_->inner_bytes_whole;
    return sum_.bytes() + first_->inner_bytes + (pushed() ? first_->input_ring_bytes : 0);
  }
  Bytes lead() const;
  SegmentNeed need() const { return {working(), in(), out(), lead()}; }

 private:
  bool pushed() const { return first_ == begin_ && options_.input != InputMode::kFrame; }

  const PlanOptions& options_;
  const Unit *begin_, *last_, *first_;
  WorkingSum sum_;  ///< without the rings inside the first unit
};

/// The need of units first .. cut - 1 as one segment.
SegmentNeed segment_need(const std::vector<Unit>& units, const PlanOptions& options, Scratch scratch,
                         int first, int cut);

}  // namespace tinynas::cost
