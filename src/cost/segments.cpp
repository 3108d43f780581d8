#include "segments.h"

#include <algorithm>

namespace tinynas::cost {

void Lag::through(const Unit& unit) {
  cap = static_cast<int>(
      std::min<std::int64_t>(unit.in_rows, std::int64_t{unit.lag_step} * cap + unit.lag_ahead));
  ahead = unit.lag_step * ahead + unit.lag_ahead;
  step *= unit.lag_step;
}

Lag lag_at_output(const Unit& unit, bool alone) {
  // The unit that writes the output reads the segment's input itself: while it writes row m - 1 it has made m
  // - 1 rows, and what those before row m need still stands. An ADD may write over the row that it reads.
  return {.step = 1, .ahead = alone && !unit.in_place ? -1 : 0, .cap = unit.out_rows};
}

Bytes lead_of(const Unit& first, const Unit& last, const Lag& lag) {
  if (first.ends_segment) return 0;  // a pool has taken in its whole input before it makes its only row
  const int rows = last.out_rows;
  // The last m for which the first unit is not done, so that its input is alive.
  const int last_alive =
      lag.cap < first.out_rows ? rows : std::min(rows, (first.out_rows - 1 - lag.ahead) / lag.step);
  const auto excess = [&](int m) -> Bytes {
    if (m < 1 || m > last_alive) return 0;
    const std::int64_t made = std::min<std::int64_t>(lag.cap, std::int64_t{lag.step} * m + lag.ahead);
    const std::int64_t oldest = std::max<std::int64_t>(0, made * first.oldest_step - first.oldest_behind);
    return m * last.out_row_bytes - oldest * first.in_row_bytes;
  };
  const int made_at_corner =
      first.oldest_behind / first.oldest_step;  // rows made while the oldest is still row 0
  const int corner = (made_at_corner - lag.ahead) / lag.step;
  return align_up(
      std::max({Bytes{0}, excess(std::min(corner, last_alive)), excess(corner + 1), excess(last_alive)}));
}

Bytes overlap_lead(std::span<const Unit> units, int first, int last) {
  const auto unit = [&](int i) -> const Unit& { return units[static_cast<std::size_t>(i)]; };
  for (int i = first; i <= last; ++i)
    if (!unit(i).regular) return kNever;
  Lag lag = lag_at_output(unit(last), first == last);
  for (int i = last; i > first; --i) lag.through(unit(i));
  return lead_of(unit(first), unit(last), lag);
}

}  // namespace tinynas::cost
