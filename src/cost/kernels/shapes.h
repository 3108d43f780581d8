#pragma once

#include <algorithm>

#include "tinynas/core/units.h"
#include "tinynas/ir/graph.h"

namespace tinynas::cost {

/// What several families of kernels ask of a layer's shape.

using ir::Graph;
using ir::Layer;

constexpr Bytes round_up(Bytes value, Bytes multiple) { return (value + multiple - 1) / multiple * multiple; }

/// Only the network's input is interleaved, and with one channel or one column that is planar too.
inline bool is_planar(const Graph& graph, const Layer& layer, int input) {
  const ir::Shape& in = graph.in_shape(layer, input);
  return layer.inputs[static_cast<std::size_t>(input)] != graph.input || in.c == 1 || in.w == 1;
}
inline bool reads_planar(const Graph& graph, const Layer& layer) { return is_planar(graph, layer, 0); }
inline bool reads_two_planar(const Graph& graph, const Layer& layer) {
  return is_planar(graph, layer, 0) && is_planar(graph, layer, 1);
}
inline bool always(const Graph&, const Layer&) { return true; }

inline bool is_conv1x1(const Graph& graph, const Layer& layer) {
  const bool unit = layer.kernel_h == 1 && layer.kernel_w == 1 && layer.stride_w == 1;
  const bool padded = layer.pad_top + layer.pad_left + layer.pad_bottom + layer.pad_right > 0;
  return unit && !padded && reads_planar(graph, layer);
}
template <int kernel>
bool is_square(const Graph& graph, const Layer& layer) {
  return layer.kernel_h == kernel && layer.kernel_w == kernel && layer.stride_w <= 2 &&
         reads_planar(graph, layer);
}

/// Inputs of a convolution's window.
inline int window_inputs(const Graph& graph, const Layer& layer) {
  return layer.kernel_h * layer.kernel_w * graph.in_shape(layer).c;
}

/// The windows of all outputs along one direction.
struct Windows {
  int outputs = 0;  ///< their number
  int inside = 0;   ///< taps of all of them that meet the image
  int whole = 0;    ///< those that lie within the image
};
inline Windows windows_of(int in, int out, int kernel, int stride, int pad, int dilation = 1) {
  Windows windows{.outputs = out};
  for (int i = 0; i < out; ++i) {
    const int first = i * stride - pad;
    const int ahead = std::max(0, (-first + dilation - 1) / dilation);  // taps that lie outside
    const int taps = std::min(kernel, (in - first + dilation - 1) / dilation) - ahead;
    windows.inside += std::max(0, taps);
    windows.whole += taps == kernel;
  }
  return windows;
}
inline Windows across_rows(const Graph& graph, const Layer& layer) {
  if (layer.streams)  // rows of earlier calls are rows as others
    return windows_of(graph.in_shape(layer).h + layer.pad_top, graph.out_shape(layer).h, layer.kernel_h,
                      layer.stride_h, 0);
  return windows_of(graph.in_shape(layer).h, graph.out_shape(layer).h, layer.kernel_h, layer.stride_h,
                    layer.pad_top, layer.dilation_h);
}
inline Windows across_columns(const Graph& graph, const Layer& layer) {
  return windows_of(graph.in_shape(layer).w, graph.out_shape(layer).w, layer.kernel_w, layer.stride_w,
                    layer.pad_left);
}

constexpr int kLanes = 16;  ///< bytes in a vector
constexpr int vectors(int values) { return (values + kLanes - 1) / kLanes; }

}  // namespace tinynas::cost
