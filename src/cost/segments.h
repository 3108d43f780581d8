#pragma once

#include <span>

#include "units.h"

namespace tinynas::cost {

/// What units first..last need in the arena as one segment, beside the tensors at its ends.
struct SegmentNeed {
  Bytes working = 0;  ///< inner rings, scratch, running sums, and the input's ring if rows are pushed
  Bytes in = 0;       ///< the input as a whole tensor; 0 if rows are pushed
  Bytes out = 0;      ///< the output, always whole
  /// Overlapped, the input must begin this far above the output; kNever if the two must stay apart.
  Bytes lead = 0;
  Bytes floor = 0;  ///< working bytes that this segment and every longer one with the same end have at least
};
constexpr Bytes kNever = Bytes{1} << 40;

/// Bytes by which a whole input must begin above the output of units first..last, so that no row of the
/// output is written over a row of the input that somebody still reads:
///     lead = max over m of (m * out_row - oldest(R(m)) * in_row)
/// where R(m) rows of the first unit's output exist while output row m - 1 is written. R is min(cap, step * m
/// + ahead), a composition of the units' lags, and oldest is linear once it leaves zero; so three points
/// suffice.
Bytes overlap_lead(std::span<const Unit> units, int first, int last);

/// R(m), grown backwards from the last unit.
struct Lag {
  int step = 1, ahead = 0, cap = 0;
  /// From rows of a unit's output to rows of its input.
  void through(const Unit& unit);
};
/// The lag of the last unit's own output; `alone` if the segment is this unit only.
Lag lag_at_output(const Unit& unit, bool alone);
Bytes lead_of(const Unit& first, const Unit& last, const Lag& lag);

}  // namespace tinynas::cost
