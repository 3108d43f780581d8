#pragma once

#include <span>
#include <string>
#include <vector>

namespace tinynas::report {

/// Round tick positions that cover [low, high]: steps of 1, 2 or 5 times a power of ten, about `wanted`.
std::vector<double> ticks(double low, double high, int wanted);

/// A linear axis: values low..high lie at begin..end of the drawing.
struct Axis {
  double low = 0, high = 1;
  double begin = 0, end = 1;
  std::vector<double> at = {};  ///< ticks
  double place(double value) const { return begin + (value - low) / (high - low) * (end - begin); }
};

struct AxisOptions {
  double begin = 0, end = 1;
  int ticks = 5;
  bool from_zero = false;  ///< the axis begins at 0 even if no value does
  bool tight = false;      ///< ends where the values end, not on the next tick
};

/// An axis that covers the finite ones of `values`, its ends on ticks.
Axis make_axis(std::span<const double> values, const AxisOptions& options);

/// A tick's number: "0.25", "12", "1,200", "1.5M".
std::string tick_text(double value);

}  // namespace tinynas::report
