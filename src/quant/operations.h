#pragma once

#include <algorithm>
#include <limits>
#include <span>
#include <vector>

#include "quant/basics.h"
#include "quant/convolve.h"
#include "quant/windows.h"
#include "tinynas/core/error.h"
#include "tinynas/ir/ops.h"

namespace tinynas::quant {

/// Every operation, on tensors [H, W, C], for float and int8 alike. What differs is the arithmetic A of the
/// layer:
///   Value, Sum                  types of tensors and of what is summed
///   outside()                   what a window reads outside the image
///   weighted(sum, channel)      a weighted sum, bias included, as an output value
///   add(a, b), mul(a, b)        of two values
///   joined(value, input)        a value of input 0 or 1 of a concat, in the output's terms
///   centred(value)              a value as a term of a mean's sum
///   mean(sum, pixels)           of a window that has so many pixels in the image
///   global_mean(sum, pixels)    of a whole image
///   extreme(a, b)               the smaller or larger one, as the layer's operation says
///   softmax(in, out)            of one pixel; also its logarithm
///   function(value)             a value behind the layer's function
template <typename A>
using ValuesOf = std::vector<typename A::Value>;
template <typename A>
using ViewOf = std::span<const typename A::Value>;

/// Convolution, depthwise convolution and dense.
template <typename A>
ValuesOf<A> weighted_sum(const ir::Graph& graph, const ir::Layer& layer, const A& a,
                         const PackedWeights<typename A::Sum>& weights, ViewOf<A> input) {
  const ir::Shape out = graph.out_shape(layer);
  const auto sums = accumulate(layer, graph.in_shape(layer), out, input, a.outside(), weights);
  const auto channels = at(out.c);
  ValuesOf<A> result(size_of(out));
  const typename A::Sum* from = sums.data();
  for (std::size_t begin = 0; begin < result.size(); begin += channels, from += weights.bias.size())
    for (std::size_t c = 0; c < channels; ++c) result[begin + c] = a.weighted(from[c], c);
  return result;
}

/// make(a, b) of each value of the first and its partner. The second is as large, or one value a channel:
/// both repeat in its size.
template <typename A, typename Make>
ValuesOf<A> pairwise(ViewOf<A> first, ViewOf<A> second, const Make& make) {
  ValuesOf<A> result(first.size());
  for (std::size_t begin = 0; begin < result.size(); begin += second.size())
    for (std::size_t i = 0; i < second.size(); ++i) result[begin + i] = make(first[begin + i], second[i]);
  return result;
}

template <typename A>
ValuesOf<A> concat(const ir::Graph& graph, const ir::Layer& layer, const A& a, ViewOf<A> first,
                   ViewOf<A> second) {
  ValuesOf<A> result;
  const auto append = [&](ViewOf<A> values, int input, std::size_t pixel) {
    const auto channels = at(graph.in_shape(layer, input).c);
    for (const auto value : values.subspan(pixel * channels, channels))
      result.push_back(a.joined(value, input));
  };
  const std::size_t pixels = first.size() / at(graph.in_shape(layer).c);
  for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
    append(first, 0, pixel);
    append(second, 1, pixel);
  }
  return result;
}

/// Values that only change places: each one's place in the input, or -1 for 0.
template <typename A, typename Place>
ValuesOf<A> moved(const ir::Shape& out, const A& a, ViewOf<A> input, const Place& place) {
  ValuesOf<A> result;
  result.reserve(size_of(out));
  for (int y = 0; y < out.h; ++y)
    for (int x = 0; x < out.w; ++x)
      for (int c = 0; c < out.c; ++c) {
        const std::int64_t from = place(y, x, c);
        result.push_back(from < 0 ? static_cast<typename A::Value>(a.outside())
                                  : input[static_cast<std::size_t>(from)]);
      }
  return result;
}

template <typename A>
ValuesOf<A> gather(const ir::Graph& graph, const ir::Layer& layer, const A& a, ViewOf<A> input) {
  const ir::Shape& in = graph.in_shape(layer);
  const ir::ChannelMap& map = graph.maps[at(layer.map)];
  return moved(graph.out_shape(layer), a, input, [&](int y, int x, int c) {
    return map[at(c)] < 0 ? -1 : (std::int64_t{y} * in.w + x) * in.c + map[at(c)];
  });
}

template <typename A>
ValuesOf<A> slice(const ir::Graph& graph, const ir::Layer& l, const A& a, ViewOf<A> input) {
  const ir::Shape& in = graph.in_shape(l);
  return moved(graph.out_shape(l), a, input, [&](int y, int x, int c) {
    return (std::int64_t{l.pad_top + y * l.stride_h} * in.w + l.pad_left + x * l.stride_w) * in.c + c;
  });
}

template <typename A>
ValuesOf<A> concat_rows(const A& a, ViewOf<A> first, ViewOf<A> second) {
  ValuesOf<A> result;
  for (const auto value : first) result.push_back(a.joined(value, 0));
  for (const auto value : second) result.push_back(a.joined(value, 1));
  return result;
}

template <typename A>
ValuesOf<A> average_pool(const ir::Graph& graph, const ir::Layer& layer, const A& a, ViewOf<A> input) {
  ValuesOf<A> result(size_of(graph.out_shape(layer)));
  for_each_window(graph, layer, [&](std::size_t out, const PoolWindow& window) {
    typename A::Sum sum = 0;
    window.for_each([&](std::size_t in) { sum += a.centred(input[in]); });
    result[out] = a.mean(sum, window.pixels());
  });
  return result;
}

template <typename A>
ValuesOf<A> max_pool(const ir::Graph& graph, const ir::Layer& layer, ViewOf<A> input) {
  ValuesOf<A> result(size_of(graph.out_shape(layer)), std::numeric_limits<typename A::Value>::lowest());
  for_each_window(graph, layer, [&](std::size_t out, const PoolWindow& window) {
    window.for_each([&](std::size_t in) { result[out] = std::max(result[out], input[in]); });
  });
  return result;
}

template <typename A>
ValuesOf<A> global_average_pool(const ir::Shape& in, const A& a, ViewOf<A> input) {
  const auto channels = at(in.c);
  std::vector<typename A::Sum> sums(channels, 0);
  for (std::size_t begin = 0; begin < input.size(); begin += channels)
    for (std::size_t c = 0; c < channels; ++c) sums[c] += a.centred(input[begin + c]);
  ValuesOf<A> result(channels);
  for (std::size_t c = 0; c < channels; ++c) result[c] = a.global_mean(sums[c], in.h * in.w);
  return result;
}

template <typename A>
ValuesOf<A> softmax(const ir::Shape& shape, const A& a, ViewOf<A> input) {
  const auto channels = at(shape.c);
  ValuesOf<A> result(input.size());
  for (std::size_t begin = 0; begin < input.size(); begin += channels)
    a.softmax(input.subspan(begin, channels), std::span(result).subspan(begin, channels));
  return result;
}

template <typename A>
ValuesOf<A> of_each(const A& a, ViewOf<A> input) {
  ValuesOf<A> result;
  for (const auto value : input) result.push_back(a.function(value));
  return result;
}

/// `weights` of a layer that has some; `second` is empty unless the layer takes two.
template <typename A>
ValuesOf<A> run_operation(const ir::Graph& graph, const ir::Layer& layer, const A& a,
                          const PackedWeights<typename A::Sum>& weights, ViewOf<A> first, ViewOf<A> second) {
  switch (layer.op) {
    case ir::OpKind::kConv2d:
    case ir::OpKind::kDepthwiseConv2d:
    case ir::OpKind::kDense:
      return weighted_sum(graph, layer, a, weights, first);
    case ir::OpKind::kAdd:
      return pairwise<A>(first, second, [&](auto x, auto y) { return a.add(x, y); });
    case ir::OpKind::kMinimum:
    case ir::OpKind::kMaximum:
      return pairwise<A>(first, second, [&](auto x, auto y) { return a.extreme(x, y); });
    case ir::OpKind::kMul:
      return pairwise<A>(first, second, [&](auto x, auto y) { return a.mul(x, y); });
    case ir::OpKind::kConcat:
      return concat(graph, layer, a, first, second);
    case ir::OpKind::kAveragePool:
      return average_pool(graph, layer, a, first);
    case ir::OpKind::kMaxPool:
      return max_pool<A>(graph, layer, first);
    case ir::OpKind::kGlobalAveragePool:
      return global_average_pool(graph.in_shape(layer), a, first);
    case ir::OpKind::kSoftmax:
    case ir::OpKind::kLogSoftmax:
      return softmax(graph.in_shape(layer), a, first);
    case ir::OpKind::kResizeNearest:
      return resize_nearest(graph, layer, first);
    case ir::OpKind::kFunction:
      return of_each(a, first);
    case ir::OpKind::kDepthToSpace:
      return depth_to_space(graph, layer, first);
    case ir::OpKind::kGather:
      return gather(graph, layer, a, first);
    case ir::OpKind::kSlice:
      return slice(graph, layer, a, first);
    case ir::OpKind::kConcatRows:
      return concat_rows(a, first, second);
    case ir::OpKind::kReshape:
      return ValuesOf<A>(first.begin(), first.end());
    case ir::OpKind::kCount:
      break;
  }
  throw InternalError("run_operation: unknown operation");
}

}  // namespace tinynas::quant
