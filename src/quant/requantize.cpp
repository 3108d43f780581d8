#include "tinynas/quant/requantize.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <span>

#include "basics.h"
#include "tinynas/core/error.h"

namespace tinynas::quant {
namespace {

constexpr int kLargestInput = 128;  // |q| of an int8
constexpr int kLargestAddShift = 24;
constexpr std::int32_t kLargestAddMultiplier = 32767;  // they travel in halfwords on DSP cores

double ratio(float numerator, float denominator) {
  return static_cast<double>(numerator) / static_cast<double>(denominator);
}

/// |accumulator| at any moment, whatever the input and the order of summation.
std::int64_t accumulator_bound(std::int64_t bias, std::span<const std::int8_t> weights) {
  std::int64_t sum = 0;
  for (const int weight : weights) sum += std::abs(weight);
  return std::abs(bias) + kLargestInput * sum;
}

}  // namespace

Multiplier make_multiplier(double scale) {
  if (!(scale > 0) || !std::isfinite(scale))
    throw GraphError(fmt::format("requantization: scale {} must be positive and finite", scale));
  int shift = 0;
  while (std::round(scale * static_cast<double>(kOne31)) >= static_cast<double>(kOne31)) {
    scale /= 2;
    ++shift;
  }
  if (shift > 30)
    throw GraphError("requantization: the scale is 2^30 or more; the output's range is too small");
  const auto m = static_cast<std::int32_t>(std::round(scale * static_cast<double>(kOne31)));
  return {.multiplier = std::max(m, 1), .shift = shift};
}

AddMultipliers make_add(const ir::TensorQuant& a, const ir::TensorQuant& b, const ir::TensorQuant& out) {
  const double scale_a = ratio(a.scale, out.scale);
  const double scale_b = ratio(b.scale, out.scale);
  for (int shift = kLargestAddShift; shift > 0; --shift) {
    const double unit = std::ldexp(1.0, shift);
    const double ma = std::round(scale_a * unit);
    const double mb = std::round(scale_b * unit);
    if (ma > kLargestAddMultiplier || mb > kLargestAddMultiplier) continue;
    const double c = unit * out.zero_point - ma * a.zero_point - mb * b.zero_point + unit / 2;
    // Only a shift of 24 with a zero point near the end of int8 can fail this: one bit less then.
    if (std::abs(c) + kLargestInput * (ma + mb) >= static_cast<double>(kOne31)) continue;
    return {.ma = static_cast<std::int32_t>(ma),
            .mb = static_cast<std::int32_t>(mb),
            .c = static_cast<std::int32_t>(c),
            .shift = shift};
  }
  throw GraphError(fmt::format("add: input scales {} and {} are too large for the output's scale {}", a.scale,
                               b.scale, out.scale));
}

LayerArithmetic layer_arithmetic(const ir::Graph& graph, int layer) {
  const ir::Layer& l = graph.layers[static_cast<std::size_t>(layer)];
  const ir::QuantParameters& q = graph.quant->layers[static_cast<std::size_t>(layer)];
  const ir::TensorQuant& in = quant_of(graph, l.inputs[0]);
  const ir::TensorQuant& out = quant_of(graph, l.output);
  const std::size_t channels = q.bias.size();
  const std::size_t taps = q.weight.size() / channels;

  LayerArithmetic result{
      .multipliers = {}, .folded_bias = {}, .in_zero_point = in.zero_point, .out_zero_point = out.zero_point};
  for (std::size_t c = 0; c < channels; ++c) {
    const std::span<const std::int8_t> weights{q.weight.data() + c * taps, taps};
    std::int64_t sum = 0;
    for (const int weight : weights) sum += weight;
    const std::int64_t folded = q.bias[c] - in.zero_point * sum;
    const double scale = static_cast<double>(in.scale) * q.weight_scale[c] / out.scale;
    const Multiplier m = make_multiplier(scale);
    const std::int64_t bound = accumulator_bound(folded, weights);
    if (bound >= kOne31 >> m.shift)
      throw GraphError(
          fmt::format("{}: output channel {}: the accumulator can reach {} * 2^{}, which leaves int32; use "
                      "smaller weights or a wider output range",
                      ir::describe_layer(graph, layer), c, bound, m.shift));
    result.multipliers.push_back(m);
    result.folded_bias.push_back(static_cast<std::int32_t>(folded));
  }
  return result;
}

}  // namespace tinynas::quant
