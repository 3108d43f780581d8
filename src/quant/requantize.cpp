#include "tinynas/quant/requantize.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <span>

#include "quant/basics.h"
#include "tinynas/core/error.h"

namespace tinynas::quant {
namespace {

constexpr int kLargestInput = 128;  // |q| of an int8

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

LayerArithmetic layer_arithmetic(const ir::Graph& graph, int layer) {
  const ir::Layer& l = graph.layer(layer);
  const ir::QuantParameters& q = graph.layer_quant(layer);
  const ir::TensorQuant& in = graph.quant_of(l.inputs[0]);
  const ir::TensorQuant& out = graph.quant_of(l.output);
  const std::size_t channels = q.bias.size();
  const std::size_t taps = q.weight.size() / channels;

  LayerArithmetic result{.multipliers = {}, .in_zero_point = in.zero_point, .out_zero_point = out.zero_point};
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
