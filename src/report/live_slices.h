#pragma once

#include <utility>
#include <vector>

#include "report/memory_trace.h"

namespace tinynas::report {

/// A trace cut into slices of equal time, as fine as a drawing can show: what is alive at any moment of a
/// slice is alive in it. Keeps drawings small and free of moire, however many rows there are.
class LiveSlices {
 public:
  /// `trace` must outlive the slices.
  LiveSlices(const MemoryTrace& trace, int count);

  /// Bytes [first, second).
  using Intervals = std::vector<std::pair<Bytes, Bytes>>;
  /// Per slice the bytes of a place that are needed in it, sorted, merged where they touch.
  std::vector<Intervals> alive(int place) const;
  /// Per slice the most bytes that are needed at one moment of it.
  std::vector<Bytes> most_alive() const;

 private:
  int slice(double time) const;
  /// The last slice of a span that ends at `end`, which no longer belongs to it.
  int last_slice(double begin, double end) const;

  const MemoryTrace& trace_;
  int count_;
};

}  // namespace tinynas::report
