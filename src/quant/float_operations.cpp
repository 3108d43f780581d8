#include "float_operations.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "basics.h"
#include "tinynas/core/error.h"
#include "windows.h"

namespace tinynas::quant {
namespace {

using Values = std::vector<float>;
using View = std::span<const float>;

Values add(View a, View b) {
  Values result(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) result[i] = a[i] + b[i];
  return result;
}

/// The second is as large, or one value a channel; both repeat in its size.
Values multiply(View a, View b) {
  Values result(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) result[i] = a[i] * b[i % b.size()];
  return result;
}

Values concat(const ir::Graph& graph, const ir::Layer& layer, View first, View second) {
  const auto a = at(graph.in_shape(layer, 0).c);
  const auto b = at(graph.in_shape(layer, 1).c);
  Values result;
  for (std::size_t pixel = 0; pixel < first.size() / a; ++pixel) {
    result.insert(result.end(), &first[pixel * a], &first[pixel * a] + a);
    result.insert(result.end(), &second[pixel * b], &second[pixel * b] + b);
  }
  return result;
}

Values average_pool(const ir::Graph& graph, const ir::Layer& layer, View input) {
  Values result(size_of(graph.out_shape(layer)));
  for_each_window(graph, layer, [&](std::size_t out, const Window& window) {
    float sum = 0;
    window.for_each([&](std::size_t in) { sum += input[in]; });
    result[out] = sum / static_cast<float>(window.pixels());
  });
  return result;
}

Values max_pool(const ir::Graph& graph, const ir::Layer& layer, View input) {
  Values result(size_of(graph.out_shape(layer)), std::numeric_limits<float>::lowest());
  for_each_window(graph, layer, [&](std::size_t out, const Window& window) {
    window.for_each([&](std::size_t in) { result[out] = std::max(result[out], input[in]); });
  });
  return result;
}

Values global_average_pool(const ir::Shape& in, View input) {
  const auto channels = at(in.c);
  Values means(channels, 0.0F);
  for (std::size_t begin = 0; begin < input.size(); begin += channels)
    for (std::size_t c = 0; c < channels; ++c) means[c] += input[begin + c];
  for (float& mean : means) mean /= static_cast<float>(in.h * in.w);
  return means;
}

Values softmax(const ir::Shape& shape, View input) {
  const auto channels = static_cast<std::ptrdiff_t>(shape.c);
  Values result(input.begin(), input.end());
  for (auto pixel = result.begin(); pixel != result.end(); pixel += channels) {
    const float largest = *std::max_element(pixel, pixel + channels);
    float sum = 0;
    for (auto value = pixel; value != pixel + channels; ++value) sum += * value = std::exp(*value - largest);
    for (auto value = pixel; value != pixel + channels; ++value) *value /= sum;
  }
  return result;
}

}  // namespace

std::vector<float> run_plain(const ir::Graph& graph, const ir::Layer& layer, View first, View second) {
  switch (layer.op) {
    case ir::OpKind::kAdd:
      return add(first, second);
    case ir::OpKind::kMul:
      return multiply(first, second);
    case ir::OpKind::kConcat:
      return concat(graph, layer, first, second);
    case ir::OpKind::kAveragePool:
      return average_pool(graph, layer, first);
    case ir::OpKind::kMaxPool:
      return max_pool(graph, layer, first);
    case ir::OpKind::kGlobalAveragePool:
      return global_average_pool(graph.in_shape(layer), first);
    case ir::OpKind::kSoftmax:
      return softmax(graph.in_shape(layer), first);
    case ir::OpKind::kResizeNearest:
      return resize_nearest<float>(graph, layer, first);
    default:
      break;
  }
  throw InternalError("run_plain: an operation with weights");
}

}  // namespace tinynas::quant
