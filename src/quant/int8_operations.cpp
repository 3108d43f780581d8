#include "int8_operations.h"

#include <algorithm>

#include "basics.h"
#include "tinynas/core/error.h"
#include "tinynas/ir/ops.h"
#include "windows.h"

namespace tinynas::quant {
namespace {

using Values = std::vector<std::int8_t>;
using View = std::span<const std::int8_t>;

int zero_point(const ir::Graph& graph, int tensor) { return graph.quant_of(tensor).zero_point; }

std::int8_t saturate(std::int32_t value) { return static_cast<std::int8_t>(std::clamp(value, -128, 127)); }

Values add(const AddMultipliers& m, View a, View b) {
  Values result(a.size());
  for (std::size_t i = 0; i < result.size(); ++i)
    result[i] = saturate((a[i] * m.ma + b[i] * m.mb + m.c) >> m.shift);
  return result;
}

Values multiply(const ir::Graph& graph, const ir::Layer& layer, const Multiplier& m, View a, View b) {
  const int zero_a = zero_point(graph, layer.inputs[0]);
  const int zero_b = zero_point(graph, layer.inputs[1]);
  Values result(a.size());
  for (std::size_t i = 0; i < result.size(); ++i)
    // The second is as large, or one value a channel; both repeat in its size.
    result[i] = requantize((a[i] - zero_a) * (b[i % b.size()] - zero_b), m, zero_point(graph, layer.output));
  return result;
}

Values concat(const ir::Graph& graph, const ir::Layer& layer, std::span<const Multiplier> multipliers,
              View first, View second) {
  Values result;
  const auto append = [&](View values, int input, std::size_t pixel) {
    const int tensor = layer.inputs[at(input)];
    const auto channels = at(graph.tensor(tensor).c);
    for (const std::int8_t q : values.subspan(pixel * channels, channels))
      result.push_back(
          requantize(q - zero_point(graph, tensor), multipliers[at(input)], zero_point(graph, layer.output)));
  };
  const std::size_t pixels = first.size() / at(graph.in_shape(layer).c);
  for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
    append(first, 0, pixel);
    append(second, 1, pixel);
  }
  return result;
}

Values average_pool(const ir::Graph& graph, const ir::Layer& layer, std::span<const Multiplier> multipliers,
                    View input) {
  const int zero = zero_point(graph, layer.inputs[0]);
  Values result(size_of(graph.out_shape(layer)));
  for_each_window(graph, layer, [&](std::size_t out, const Window& window) {
    std::int32_t sum = 0;
    window.for_each([&](std::size_t in) { sum += input[in] - zero; });
    result[out] = requantize(sum, multipliers[at(window.pixels())], zero_point(graph, layer.output));
  });
  return result;
}

Values max_pool(const ir::Graph& graph, const ir::Layer& layer, View input) {
  Values result(size_of(graph.out_shape(layer)), -128);
  for_each_window(graph, layer, [&](std::size_t out, const Window& window) {
    window.for_each([&](std::size_t in) { result[out] = std::max(result[out], input[in]); });
  });
  return result;
}

Values global_average_pool(const ir::Graph& graph, const ir::Layer& layer, const Multiplier& m, View input) {
  const ir::Shape in = graph.in_shape(layer);
  const auto channels = at(in.c);
  std::vector<std::int32_t> sums(channels, -zero_point(graph, layer.inputs[0]) * in.h * in.w);
  for (std::size_t begin = 0; begin < input.size(); begin += channels)
    for (std::size_t c = 0; c < channels; ++c) sums[c] += input[begin + c];
  Values result(channels);
  for (std::size_t c = 0; c < channels; ++c)
    result[c] = requantize(sums[c], m, zero_point(graph, layer.output));
  return result;
}

Values softmax(const ir::Shape& shape, const std::array<std::uint32_t, 256>& exponentials, View input) {
  const auto channels = at(shape.c);
  Values result(input.size());
  for (std::size_t begin = 0; begin < input.size(); begin += channels) {
    const View pixel = input.subspan(begin, channels);
    const int largest = *std::max_element(pixel.begin(), pixel.end());
    const auto exponential = [&](std::int8_t q) { return exponentials[at(largest - q)]; };
    std::uint32_t sum = 0;
    for (const std::int8_t q : pixel) sum += exponential(q);
    for (std::size_t c = 0; c < channels; ++c)
      result[begin + c] =
          saturate(static_cast<std::int32_t>((512 * exponential(pixel[c]) + sum) / (2 * sum)) - 128);
  }
  return result;
}

}  // namespace

PlainArithmetic plain_arithmetic(const ir::Graph& graph, int index) {
  const ir::Layer& layer = graph.layer(index);
  const auto quant = [&](int tensor) { return graph.quant_of(tensor); };
  PlainArithmetic arithmetic;
  switch (layer.op) {
    case ir::OpKind::kAdd:
      arithmetic.add = make_add(quant(layer.inputs[0]), quant(layer.inputs[1]), quant(layer.output));
      break;
    case ir::OpKind::kMul:
      arithmetic.multipliers = {mul_multiplier(graph, index)};
      break;
    case ir::OpKind::kConcat: {
      const auto pair = concat_multipliers(graph, index);
      arithmetic.multipliers.assign(pair.begin(), pair.end());
      break;
    }
    case ir::OpKind::kAveragePool:
      arithmetic.multipliers = average_pool_multipliers(graph, index);
      break;
    case ir::OpKind::kGlobalAveragePool:
      arithmetic.multipliers = {pool_multiplier(graph, index)};
      break;
    case ir::OpKind::kSoftmax:
      arithmetic.exponentials = softmax_table(graph, index);
      break;
    default:
      TINYNAS_CHECK(ir::op_info(layer.op).moves_values, "an operation with weights has no plain arithmetic");
      require_equal_quant(graph, index);
  }
  return arithmetic;
}

std::vector<std::int8_t> run_plain(const ir::Graph& graph, const ir::Layer& layer, const PlainArithmetic& a,
                                   View first, View second) {
  switch (layer.op) {
    case ir::OpKind::kAdd:
      return add(a.add, first, second);
    case ir::OpKind::kMul:
      return multiply(graph, layer, a.multipliers[0], first, second);
    case ir::OpKind::kConcat:
      return concat(graph, layer, a.multipliers, first, second);
    case ir::OpKind::kAveragePool:
      return average_pool(graph, layer, a.multipliers, first);
    case ir::OpKind::kMaxPool:
      return max_pool(graph, layer, first);
    case ir::OpKind::kGlobalAveragePool:
      return global_average_pool(graph, layer, a.multipliers[0], first);
    case ir::OpKind::kSoftmax:
      return softmax(graph.in_shape(layer), a.exponentials, first);
    case ir::OpKind::kResizeNearest:
      return resize_nearest<std::int8_t>(graph, layer, first);
    default:
      break;
  }
  throw InternalError("run_plain: an operation with weights");
}

}  // namespace tinynas::quant
