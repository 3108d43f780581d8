#include "report/axis.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "report/text.h"

namespace tinynas::report {

std::vector<double> ticks(double low, double high, int wanted) {
  const double rough = (high - low) / std::max(1, wanted);
  const double power = std::pow(10, std::floor(std::log10(rough)));
  const double ratio = rough / power;
  const double step = power * (ratio <= 1 ? 1 : ratio <= 2 ? 2 : ratio <= 5 ? 5 : 10);
  std::vector<double> at;
  constexpr double kSlack = 1e-9;  // of a step: 0.3 / 0.1 is not 3
  const auto first = static_cast<std::int64_t>(std::floor(low / step + kSlack));
  const auto last = static_cast<std::int64_t>(std::ceil(high / step - kSlack));
  for (std::int64_t i = first; i <= last; ++i) at.push_back(static_cast<double>(i) * step);
  return at;
}

Axis make_axis(std::span<const double> values, const AxisOptions& options) {
  double low = 0, high = 1;
  bool any = false;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    low = any ? std::min(low, value) : value;
    high = any ? std::max(high, value) : value;
    any = true;
  }
  if (options.from_zero) low = std::min(low, 0.0);
  if (low == high) {  // one value: room on both sides, half of it or half a unit
    const double room = low == 0 ? 0.5 : std::abs(low) / 2;
    low = options.from_zero ? low : low - room;
    high += room;
  }
  Axis axis{.begin = options.begin, .end = options.end, .at = ticks(low, high, options.ticks)};
  axis.low = axis.at.front();
  axis.high = axis.at.back();
  if (options.tight && high < axis.high) {
    axis.high = high;
    axis.at.pop_back();
  }
  return axis;
}

std::string tick_text(double value) {
  const double size = std::abs(value);
  if (size < 1e-12) return "0";
  if (size >= 1e9) return fmt::format("{:g}G", value / 1e9);
  if (size >= 1e6) return fmt::format("{:g}M", value / 1e6);
  if (size >= 1000 && value == std::floor(value)) return grouped(static_cast<std::int64_t>(value));
  return fmt::format("{:g}", value);
}

}  // namespace tinynas::report
