#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "tinynas/ir/graph.h"

namespace tinynas::quant {

/// The part of a pool's window that lies inside the image, in one channel.
struct PoolWindow {
  int top, bottom, left, right;  ///< first and one past last
  int image_w, channels, channel;

  int pixels() const { return (bottom - top) * (right - left); }
  /// Calls with the index of each value in a tensor [H, W, C].
  template <typename Body>
  void for_each(const Body& body) const {
    for (int y = top; y < bottom; ++y)
      for (int x = left; x < right; ++x) body(at(y * image_w + x) * at(channels) + at(channel));
  }
};

/// Calls with the index of each output value of a pool and its window.
template <typename Body>
void for_each_window(const ir::Graph& graph, const ir::Layer& l, const Body& body) {
  const ir::Shape& in = graph.in_shape(l);
  const ir::Shape& out = graph.out_shape(l);
  std::size_t index = 0;
  for (int y = 0; y < out.h; ++y)
    for (int x = 0; x < out.w; ++x)
      for (int c = 0; c < out.c; ++c) {
        const int top = y * l.stride_h - l.pad_top;
        const int left = x * l.stride_w - l.pad_left;
        body(index++, PoolWindow{.top = std::max(top, 0),
                                 .bottom = std::min(top + l.kernel_h, in.h),
                                 .left = std::max(left, 0),
                                 .right = std::min(left + l.kernel_w, in.w),
                                 .image_w = in.w,
                                 .channels = in.c,
                                 .channel = c});
      }
}

template <typename T>
std::vector<T> resize_nearest(const ir::Graph& graph, const ir::Layer& layer, std::span<const T> input) {
  const ir::Shape& in = graph.in_shape(layer);
  const ir::Shape& out = graph.out_shape(layer);
  std::vector<T> result = {};
  result.reserve(at(out.elements()));
  for (int y = 0; y < out.h; ++y)
    for (int x = 0; x < out.w; ++x) {
      const auto from = at(y / layer.stride_h * in.w + x / layer.stride_w) * at(in.c);
      const auto pixel = input.subspan(from, at(in.c));
      result.insert(result.end(), pixel.begin(), pixel.end());
    }
  return result;
}

template <typename T>
std::vector<T> depth_to_space(const ir::Graph& graph, const ir::Layer& layer, std::span<const T> input) {
  const ir::Shape& in = graph.in_shape(layer);
  const ir::Shape& out = graph.out_shape(layer);
  std::vector<T> result = {};
  result.reserve(at(out.elements()));
  for (int y = 0; y < out.h; ++y)
    for (int x = 0; x < out.w; ++x) {
      const int block = y % layer.stride_h * layer.stride_w + x % layer.stride_w;
      const int pixel = y / layer.stride_h * in.w + x / layer.stride_w;
      const auto values = input.subspan(at(pixel) * at(in.c) + at(block * out.c), at(out.c));
      result.insert(result.end(), values.begin(), values.end());
    }
  return result;
}

}  // namespace tinynas::quant
