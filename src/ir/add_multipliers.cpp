#include "tinynas/ir/add_multipliers.h"

#include <fmt/format.h>

#include <cmath>

#include "tinynas/core/error.h"

namespace tinynas::ir {
namespace {

constexpr int kLargestInput = 128;  // |q| of an int8
constexpr int kLargestAddShift = 24;
constexpr std::int32_t kLargestAddMultiplier = 32767;  // they travel in halfwords on DSP cores
constexpr double kOne31 = 2147483648.0;

double ratio(float numerator, float denominator) {
  return static_cast<double>(numerator) / static_cast<double>(denominator);
}

}  // namespace

AddMultipliers make_add(const TensorQuant& a, const TensorQuant& b, const TensorQuant& out) {
  const double scale_a = ratio(a.scale, out.scale);
  const double scale_b = ratio(b.scale, out.scale);
  for (int shift = kLargestAddShift; shift > 0; --shift) {
    const double unit = std::ldexp(1.0, shift);
    const double ma = std::round(scale_a * unit);
    const double mb = std::round(scale_b * unit);
    if (ma > kLargestAddMultiplier || mb > kLargestAddMultiplier) continue;
    const double c = unit * out.zero_point - ma * a.zero_point - mb * b.zero_point + unit / 2;
    // Only a shift of 24 with a zero point near the end of int8 can fail this: one bit less then.
    if (std::abs(c) + kLargestInput * (ma + mb) >= kOne31) continue;
    return {.ma = static_cast<std::int32_t>(ma),
            .mb = static_cast<std::int32_t>(mb),
            .c = static_cast<std::int32_t>(c),
            .shift = shift};
  }
  throw GraphError(fmt::format("add: input scales {} and {} are too large for the output's scale {}", a.scale,
                               b.scale, out.scale));
}

}  // namespace tinynas::ir
