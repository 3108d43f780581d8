#include "cost/plan/segments.h"

#include <algorithm>

namespace tinynas::cost {

Lag lag_at_output(const Unit& first, const Unit& last) {
  // Alone, the unit that writes the output reads the segment's input itself: while it writes row m - 1 it has
  // made m - 1 rows, and what those before row m need is still there. An ADD may write over the row of its
  // input that it reads: at the same place if the lead is 0; else the lead is whole rows.
  const bool reads_input = &first == &last && !last.adds_input;
  return {.step = 1, .ahead = reads_input ? -1 : 0, .cap = last.out_rows};
}

namespace {

/// Steps are mostly 1, and a division costs as much as the rest of a lead.
int divide(int value, int step) { return step == 1 ? value : value / step; }

}  // namespace

Bytes overlap_lead(const Unit& first, const Unit& last, const Lag& lag) {
  if (first.ends_segment) return 0;  // a pool has taken in its whole input before it makes its only row
  const int rows = last.out_rows;
  // The last m for which the first unit is not done, so that its input is alive.
  const int last_alive =
      lag.cap < first.out_rows ? rows : std::min(rows, divide(first.out_rows - 1 - lag.ahead, lag.step));
  const auto excess = [&](int m) -> Bytes {
    if (m < 1 || m > last_alive) return 0;
    const std::int64_t made = std::min<std::int64_t>(lag.cap, std::int64_t{lag.step} * m + lag.ahead);
    const std::int64_t oldest = std::max<std::int64_t>(0, made * first.oldest_step - first.oldest_behind);
    return m * last.out_row_bytes - oldest * first.in_row_bytes;
  };
  const int made_at_corner =
      divide(first.oldest_behind, first.oldest_step);  // rows made while the oldest is still row 0
  const int corner = divide(made_at_corner - lag.ahead, lag.step);
  return align_up(
      std::max({Bytes{0}, excess(std::min(corner, last_alive)), excess(corner + 1), excess(last_alive)}));
}

Bytes GrowingSegment::lead() const {
  // A held frame is never overlapped: rows that nobody reads are pushed too, when the output may lie there.
  if (first_ == begin_ || options_.overlap == Overlap::kForbidden || !first_->regular) return kNever;
  Lag lag = lag_at_output(*first_, *last_);
  for (const Unit* inner = last_; inner != first_; --inner) {
    if (!inner->regular) return kNever;
    lag.through(*inner);
  }
  return overlap_lead(*first_, *last_, lag);
}

SegmentNeed segment_need(const std::vector<Unit>& units, const PlanOptions& options, Scratch scratch,
                         int first, int cut) {
  GrowingSegment segment(units, options, scratch, cut);
  while (segment.first() > first && segment.grow()) {
  }
  return segment.need();
}

}  // namespace tinynas::cost
