#include "tinynas/ir/add_multipliers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tinynas/core/error.h"
#include "tinynas/ir/ops.h"

namespace tinynas::ir {
namespace {

constexpr int kLargestInput = 128;  // |q| of an int8
constexpr int kLargestAddShift = 24;
constexpr std::int32_t kLargestAddMultiplier = 32767;  // they travel in halfwords on DSP cores
constexpr double kOne31 = 2147483648.0;

double ratio(float numerator, float denominator) {
  return static_cast<double>(numerator) / static_cast<double>(denominator);
}

AddMultipliers add_multipliers(const TensorQuant& a, const TensorQuant& b, const TensorQuant& out, int sign) {
  const double scale_a = ratio(a.scale, out.scale);
  const double scale_b = ratio(b.scale, out.scale);
  for (int shift = kLargestAddShift; shift > 0; --shift) {
    const double unit = std::ldexp(1.0, shift);
    const double ma = std::round(scale_a * unit);
    const double mb = std::round(scale_b * unit);
    if (ma > kLargestAddMultiplier || mb > kLargestAddMultiplier) continue;
    const double c = unit * out.zero_point - ma * a.zero_point - sign * mb * b.zero_point + unit / 2;
    // Only a shift of 24 with a zero point near the end of int8 can fail this: one bit less then.
    if (std::abs(c) + kLargestInput * (ma + mb) >= kOne31) continue;
    return {.ma = static_cast<std::int32_t>(ma),
            .mb = sign * static_cast<std::int32_t>(mb),
            .c = static_cast<std::int32_t>(c),
            .shift = shift};
  }
  throw GraphError(fmt::format("add: input scales {} and {} are too large for the output's scale {}", a.scale,
                               b.scale, out.scale));
}

}  // namespace

AddMultipliers make_add(const TensorQuant& a, const TensorQuant& b, const TensorQuant& out) {
  return add_multipliers(a, b, out, 1);
}

AddMultipliers make_add(const Graph& graph, const Layer& layer) {
  return add_multipliers(graph.quant_of(layer.inputs[0]), graph.quant_of(layer.inputs[1]),
                         graph.quant_of(layer.output), layer.subtracts ? -1 : 1);
}

ExtremeMultipliers make_extreme(const Graph& graph, const Layer& layer) {
  const TensorQuant &a = graph.quant_of(layer.inputs[0]), &b = graph.quant_of(layer.inputs[1]),
                    &out = graph.quant_of(layer.output);
  for (int shift = kLargestAddShift; shift > 0; --shift) {
    const double unit = std::ldexp(1.0, shift), zero = unit * out.zero_point + unit / 2;
    const double ma = std::round(ratio(a.scale, out.scale) * unit),
                 mb = std::round(ratio(b.scale, out.scale) * unit);
    const double ca = zero - ma * a.zero_point, cb = zero - mb * b.zero_point;
    if (ma > kLargestAddMultiplier || mb > kLargestAddMultiplier) continue;
    if (std::max(std::abs(ca) + kLargestInput * ma, std::abs(cb) + kLargestInput * mb) >= kOne31) continue;
    return {.ma = static_cast<std::int32_t>(ma),
            .mb = static_cast<std::int32_t>(mb),
            .ca = static_cast<std::int32_t>(ca),
            .cb = static_cast<std::int32_t>(cb),
            .shift = shift};
  }
  throw GraphError(fmt::format("{}: input scales {} and {} are too large for the output's scale {}",
                               op_name(layer.op), a.scale, b.scale, out.scale));
}

}  // namespace tinynas::ir
