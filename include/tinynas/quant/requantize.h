#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "tinynas/ir/add_multipliers.h"
#include "tinynas/ir/graph.h"

namespace tinynas::quant {

/// real multiplier ~= multiplier / 2^31 * 2^shift, 0 < multiplier < 2^31. `shift` > 0 only for scales that do
/// not fit below 1: the accumulator is shifted left by it first.
struct Multiplier {
  std::int32_t multiplier = 1;
  int shift = 0;
  friend bool operator==(const Multiplier&, const Multiplier&) = default;
};
/// m = round(scale * 2^31), halved `shift` times first where scale >= 1 or m would be 2^31 (docs/design.md,
/// "Arithmetic").
Multiplier make_multiplier(double scale);

/// One rounding, ties toward +infinity: saturate_int8(zero_point + ((2 * (acc << shift) * m + 2^31) >> 32)).
inline std::int8_t requantize(std::int32_t acc, const Multiplier& m, int zero_point) {
  const std::int64_t product = 2 * (static_cast<std::int64_t>(acc) << m.shift) * m.multiplier;
  const std::int64_t q = zero_point + ((product + (std::int64_t{1} << 31)) >> 32);
  return static_cast<std::int8_t>(std::clamp<std::int64_t>(q, -128, 127));
}

using ir::AddMultipliers;
using ir::make_add;

/// What a layer with weights needs at run time, from a quantized graph: one multiplier per output channel and
/// the bias with the input's zero point folded in (bias - zero_point * sum of weights). Throws GraphError
/// naming the layer and channel if an accumulator (shifted) could leave int32: proved from the weights, not
/// sampled.
struct LayerArithmetic {
  std::vector<Multiplier> multipliers = {};
  std::vector<std::int32_t> folded_bias = {};
  int in_zero_point = 0, out_zero_point = 0;
};
LayerArithmetic layer_arithmetic(const ir::Graph& graph, int layer);

/// Global average pool: sum over H x W of (q - in_zero_point) times this, plus the output's zero point.
Multiplier pool_multiplier(const ir::Graph& graph, int layer);

/// Windowed average pool: [n] for a window of which n pixels lie inside the image, n >= 1 ([0] is not used):
/// the sum of (q - in_zero_point) times this, plus the output's zero point.
std::vector<Multiplier> average_pool_multipliers(const ir::Graph& graph, int layer);
/// Mul: (a - zero_a) * (b - zero_b) times this, plus the output's zero point.
Multiplier mul_multiplier(const ir::Graph& graph, int layer);
/// Concat: (q - zero) of each input times its multiplier, plus the output's zero point; exact where the
/// scales are equal.
std::array<Multiplier, 2> concat_multipliers(const ir::Graph& graph, int layer);
/// Softmax: e[d] = round(2^16 * exp(-scale * d)) for d = largest - q in 0..255. The output has scale 1/256
/// and zero point -128: q = saturate_int8(-128 + (512 * e + sum) / (2 * sum)), sum over the channels of e,
/// all unsigned.
std::array<std::uint32_t, 256> softmax_table(const ir::Graph& graph, int layer);
/// Softmax's e[d] of any output.
std::array<std::uint32_t, 256> exponential_table(const ir::Graph& graph, int layer);
/// Logarithm of softmax: q = saturate_int8(zero_point + ((2^15 - d * step - offset) >> 16)), d = largest - q
/// of the input; the offset is the logarithm of the sum of the e[d], in 2^16ths of the output's scale.
struct LogSoftmaxSteps {
  std::int32_t step = 0;      ///< 2^16 * input's scale / output's
  std::int32_t log_step = 0;  ///< 2^16 * ln 2 / output's scale
};
LogSoftmaxSteps log_softmax_steps(const ir::Graph& graph, int layer);
/// log_step times log2(sum / 2^16), which is read from a table of 32 parts of an octave, linear between them.
std::int32_t log_softmax_offset(std::uint32_t sum, const LogSoftmaxSteps& steps);
/// Of logarithms of shares, as TFLite has them: down to -16.
constexpr ir::TensorQuant kLogShareQuant = {.scale = 1.0F / 16, .zero_point = 127};
/// Of values that lie in 0..1: softmax's, and those of functions that are shares.
constexpr ir::TensorQuant kShareQuant = {.scale = 1.0F / 256, .zero_point = -128};
/// Function: the output for the input q is [uint8(q)], saturate_int8(round(f(scale * (q - zero point)) /
/// output's scale) + its zero point), halves rounded up.
std::array<std::int8_t, 256> function_table(const ir::Graph& graph, int layer);
/// Max pool, resize and depth to space only move values: their output is quantized as their input, or
/// GraphError.
void require_equal_quant(const ir::Graph& graph, int layer);

}  // namespace tinynas::quant
