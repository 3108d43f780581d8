#pragma once

#include <algorithm>
#include <vector>

#include "tinynas/cost/cost.h"
#include "units.h"

namespace tinynas::cost {

constexpr Bytes kNever = Bytes{1} << 40;

/// What a run of units needs in the arena as one segment.
struct SegmentNeed {
  Bytes working = 0;  ///< inner rings, scratch, running sums, and the input's ring if rows are pushed
  Bytes in = 0;       ///< the input as a whole tensor; 0 if rows are pushed
  Bytes out = 0;      ///< the output, always whole
  /// Overlapped, the input must begin this far above the output; kNever if the two must stay apart.
  Bytes lead = kNever;
  /// Bytes if the tensors stand as close as they may.
  Bytes smallest() const { return working + std::min(in + out, std::max(lead + in, out)); }
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
/// The lag of the last unit's own output; `alone`: the segment is this unit only.
enum class Company : std::uint8_t { kAlone, kWithOthers };
Lag lag_at_output(const Unit& last, Company company);

/// Bytes by which a whole input must begin above the output, so that no row of the output is written over a
/// row of the input that somebody still reads:
///     lead = max over m of (m * out_row - oldest(R(m)) * in_row)
/// where R(m) rows of the first unit's output exist while output row m - 1 is written (`lag`). R is linear
/// until its cap and oldest is linear once it leaves zero; so three points suffice.
Bytes overlap_lead(const Unit& first, const Unit& last, const Lag& lag);

/// Is kernel scratch counted?
enum class Scratch : std::uint8_t { kCounted, kZero };

/// Units first, first - 1, ... 0 as segments with one end, grown backwards; everything is a running sum.
class GrowingSegment {
 public:
  GrowingSegment(const std::vector<Unit>& units, const PlanOptions& options, Scratch scratch, int cut)
      : units_(units),
        options_(options),
        counted_(scratch == Scratch::kCounted),
        last_(cut - 1),
        first_(cut) {}
  /// Takes the unit before in; false if there is none or a pool ends the segment before.
  bool grow() {
    const bool begun = first_ <= last_;
    if (begun) rings_ += unit().inner_bytes + unit().input_ring_bytes;
    if (first_ == 0) return false;
    --first_;
    if (begun && unit().ends_segment) return false;
    if (counted_) {
      scratch_ = std::max(scratch_, unit().scratch_bytes);
      held_ += unit().held_bytes;
    }
    return true;
  }
  int first() const { return first_; }
  /// Working bytes that this segment and every longer one have at least.
  Bytes floor() const { return rings_ + scratch_ + held_ + unit().inner_bytes; }
  Bytes in() const { return pushed() ? 0 : unit().in_bytes; }
  Bytes out() const { return last().out_bytes; }
  Bytes working() const {
    const Bytes rings = rings_ + scratch_ + held_;
    if (first_ > 0) return rings + unit().inner_bytes_whole;
    return rings + unit().inner_bytes + (pushed() ? unit().input_ring_bytes : 0);
  }
  Bytes lead() const;
  SegmentNeed need() const { return {working(), in(), out(), lead()}; }

 private:
  const Unit& unit() const { return units_[static_cast<std::size_t>(first_)]; }
  const Unit& last() const { return units_[static_cast<std::size_t>(last_)]; }
  bool pushed() const { return first_ == 0 && options_.input == InputMode::kRows; }

  const std::vector<Unit>& units_;
  const PlanOptions& options_;
  bool counted_;
  int last_, first_;
  Bytes rings_ = 0, scratch_ = 0, held_ = 0;
};

/// The need of units first .. cut - 1 as one segment.
SegmentNeed segment_need(const std::vector<Unit>& units, const PlanOptions& options, Scratch scratch,
                         int first, int cut);

}  // namespace tinynas::cost
