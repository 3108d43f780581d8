// Multipliers and tables of the operations without weights.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "quant/basics.h"
#include "tinynas/core/error.h"
#include "tinynas/quant/requantize.h"

namespace tinynas::quant {
namespace {

constexpr std::int64_t kLargestDifference = 255;  // q - zero_point

double scale_of(const ir::Graph& graph, int tensor) {
  return static_cast<double>(graph.quant_of(tensor).scale);
}

/// Refuses a multiplier whose shifted accumulator could leave int32.
Multiplier checked(const ir::Graph& graph, int layer, double scale, std::int64_t largest) {
  const Multiplier m = make_multiplier(scale);
  if (largest >= kOne31 >> m.shift)
    throw GraphError(
        fmt::format("{}: its sum can reach {} * 2^{}, which leaves int32; the output's range is too small",
                    ir::describe_layer(graph, layer), largest, m.shift));
  return m;
}

}  // namespace

Multiplier pool_multiplier(const ir::Graph& graph, int layer) {
  const ir::Layer& l = graph.layer(layer);
  const std::int64_t pixels = std::int64_t{graph.in_shape(l).h} * graph.in_shape(l).w;
  const double ratio = scale_of(graph, l.inputs[0]) / scale_of(graph, l.output);
  return checked(graph, layer, ratio / static_cast<double>(pixels), kLargestDifference * pixels);
}

std::vector<Multiplier> average_pool_multipliers(const ir::Graph& graph, int layer) {
  const ir::Layer& l = graph.layer(layer);
  const double ratio = scale_of(graph, l.inputs[0]) / scale_of(graph, l.output);
  std::vector<Multiplier> multipliers = {Multiplier{}};
  for (int n = 1; n <= l.kernel_h * l.kernel_w; ++n)
    multipliers.push_back(checked(graph, layer, ratio / n, kLargestDifference * n));
  return multipliers;
}

Multiplier mul_multiplier(const ir::Graph& graph, int layer) {
  const ir::Layer& l = graph.layer(layer);
  const double scale =
      scale_of(graph, l.inputs[0]) * scale_of(graph, l.inputs[1]) / scale_of(graph, l.output);
  return checked(graph, layer, scale, kLargestDifference * kLargestDifference);
}

std::array<Multiplier, 2> concat_multipliers(const ir::Graph& graph, int layer) {
  const ir::Layer& l = graph.layer(layer);
  const auto of = [&](int input) {
    return checked(graph, layer, scale_of(graph, input) / scale_of(graph, l.output), kLargestDifference);
  };
  return {of(l.inputs[0]), of(l.inputs[1])};
}

std::array<std::uint32_t, 256> exponential_table(const ir::Graph& graph, int layer) {
  const ir::Layer& l = graph.layer(layer);
  constexpr int kMostChannels = 1 << 14;  // so that twice the sum of the table fits 32 bits
  if (graph.in_shape(l).c > kMostChannels)
    throw GraphError(fmt::format("{}: softmax over more than {} channels", ir::describe_layer(graph, layer),
                                 kMostChannels));
  constexpr double kOne16 = 65536;
  std::array<std::uint32_t, 256> table{};
  for (std::size_t d = 0; d < table.size(); ++d)
    table[d] = static_cast<std::uint32_t>(
        std::lround(kOne16 * std::exp(-scale_of(graph, l.inputs[0]) * static_cast<double>(d))));
  return table;
}

std::array<std::uint32_t, 256> softmax_table(const ir::Graph& graph, int layer) {
  if (graph.quant_of(graph.layer(layer).output) != kShareQuant)
    throw GraphError(fmt::format("{}: a softmax's output must have scale 1/256 and zero point -128",
                                 ir::describe_layer(graph, layer)));
  return exponential_table(graph, layer);
}

LogSoftmaxSteps log_softmax_steps(const ir::Graph& graph, int layer) {
  const ir::Layer& l = graph.layer(layer);
  constexpr double kOne16 = 65536;
  constexpr double kMostLog = 14;  // log2 of the sum, in units of 2^16
  const double out = scale_of(graph, l.output);
  const double step = std::round(kOne16 * scale_of(graph, l.inputs[0]) / out),
               log_step = std::round(kOne16 * std::log(2.0) / out);
  if (step < 1 || kLargestDifference * step + kMostLog * log_step >= static_cast<double>(kOne31) - kOne16)
    throw GraphError(fmt::format("{}: its scale {} does not fit its input's, {}",
                                 ir::describe_layer(graph, layer), out, scale_of(graph, l.inputs[0])));
  return {static_cast<std::int32_t>(step), static_cast<std::int32_t>(log_step)};
}

std::int32_t log_softmax_offset(std::uint32_t sum, const LogSoftmaxSteps& steps) {
  constexpr int kParts = 32;
  const auto part = [](std::uint32_t i) {
    return static_cast<std::uint32_t>(std::lround(65536 * std::log2(1 + static_cast<double>(i) / kParts)));
  };
  const int octave = std::bit_width(sum) - 1;
  const std::uint32_t from_top = sum << (31 - octave), first = (from_top >> 26) & 31,
                      way = (from_top >> 10) & 0xffff;
  const std::uint32_t log2 = (static_cast<std::uint32_t>(octave - 16) << 16) + part(first) +
                             ((part(first + 1) - part(first)) * way >> 16);
  return static_cast<std::int32_t>((std::int64_t{log2} * steps.log_step) >> 16);
}

std::array<std::int8_t, 256> function_table(const ir::Graph& graph, int layer) {
  const ir::Layer& l = graph.layer(layer);
  const ir::TensorQuant &in = graph.quant_of(l.inputs[0]), &out = graph.quant_of(l.output);
  std::array<std::int8_t, 256> table{};
  for (int q = -128; q <= 127; ++q) {
    const double real =
        ir::function_info(l.function).value(double{in.scale} * (q - in.zero_point), double{l.slope});
    const double made = std::floor(real / out.scale + 0.5) + out.zero_point;
    table[static_cast<std::uint8_t>(q)] = static_cast<std::int8_t>(std::clamp(made, -128.0, 127.0));
  }
  return table;
}

void require_equal_quant(const ir::Graph& graph, int layer) {
  const ir::Layer& l = graph.layer(layer);
  if (graph.quant_of(l.inputs[0]) != graph.quant_of(l.output))
    throw GraphError(fmt::format("{}: input and output must have one scale and zero point",
                                 ir::describe_layer(graph, layer)));
}

}  // namespace tinynas::quant
