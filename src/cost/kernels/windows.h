#pragma once

#include <algorithm>

namespace tinynas::cost {

/// The windows of all outputs along one direction.
struct Windows {
  int outputs = 0;  ///< there are so many
  int inside = 0;   ///< taps of all of them that meet the image
  int whole = 0;    ///< those that lie within the image
};
inline Windows windows_of(int in, int out, int kernel, int stride, int pad) {
  Windows windows{.outputs = out};
  for (int i = 0; i < out; ++i) {
    const int first = i * stride - pad, taps = std::min(in, first + kernel) - std::max(0, first);
    windows.inside += std::max(0, taps);
    windows.whole += taps == kernel;
  }
  return windows;
}
}  // namespace tinynas::cost
