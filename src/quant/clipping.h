#pragma once

#include <cstdint>
#include <vector>

#include "tinynas/quant/calibrate.h"

namespace tinynas::quant {

/// How often values of a tensor fell into each of equal parts of [range.min, range.max].
struct Histogram {
  Range range;
  std::vector<std::int64_t> counts = {};
};

/// The part of the histogram's range whose 8-bit rounding and clipping errors have the least sum of squares.
/// It contains 0 if the histogram's range does.
Range clip_outliers(const Histogram& histogram);

/// The part of the histogram's range that holds 99.99 % of what was counted, cut alike on either side of 0.
Range central_part(const Histogram& histogram);

}  // namespace tinynas::quant
