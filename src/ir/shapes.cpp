#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tinynas/core/error.h"
#include "tinynas/ir/graph.h"
#include "tinynas/ir/ops.h"

namespace tinynas::ir {
namespace {

std::string text(const Shape& s) { return fmt::format("[{}, {}, {}]", s.h, s.w, s.c); }

[[noreturn]] void refuse(const Layer& layer, const std::string& message) {
  throw GraphError(fmt::format("{}: {}", op_name(layer.op), message));
}

const Shape& second_of(const Layer& layer, const std::optional<Shape>& second) {
  if (!second) refuse(layer, "needs a second input");
  return *second;
}

/// Conv, depthwise and windowed pools. Every window must touch the image: a padding as large as the kernel
/// would make outputs of nothing.
Shape window_shape(const Layer& l, const Shape& in, int out_channels) {
  if (l.kernel_h < 1 || l.kernel_w < 1 || l.stride_h < 1 || l.stride_w < 1)
    refuse(l, fmt::format("kernel {}x{} stride {}x{}: all must be at least 1", l.kernel_h, l.kernel_w,
                          l.stride_h, l.stride_w));
  const bool convolves = l.op == OpKind::kConv2d || l.op == OpKind::kDepthwiseConv2d;
  if (l.dilation_h < 1 || (l.dilation_h > 1 && (!convolves || l.kernel_h == 1)))
    refuse(l, fmt::format("dilation {}: at least 1, and more only of convolutions of several rows",
                          l.dilation_h));
  const int height = window_height(l);
  const auto bad_pad = [](int pad, int kernel) { return pad < 0 || pad >= kernel; };
  if (bad_pad(l.pad_top, height) || bad_pad(l.pad_bottom, height) || bad_pad(l.pad_left, l.kernel_w) ||
      bad_pad(l.pad_right, l.kernel_w))
    refuse(l,
           fmt::format("padding {},{},{},{} (top, left, bottom, right) must be at least 0 and less than the "
                       "kernel {}x{}",
                       l.pad_top, l.pad_left, l.pad_bottom, l.pad_right, height, l.kernel_w));
  if (l.streams && (l.pad_top == 0 || l.pad_bottom != 0))
    refuse(l, fmt::format("it streams with padding {} above and {} below: rows of earlier calls stand above "
                          "row 0, and nothing below the last",
                          l.pad_top, l.pad_bottom));
  if (in.h + l.pad_top + l.pad_bottom < height || in.w + l.pad_left + l.pad_right < l.kernel_w)
    refuse(l, fmt::format("kernel {}x{} is larger than its padded input {}", height, l.kernel_w, text(in)));
  return {window_output(in.h, height, l.stride_h, l.pad_top + l.pad_bottom),
          window_output(in.w, l.kernel_w, l.stride_w, l.pad_left + l.pad_right), out_channels};
}

Shape add_shape(const Layer& layer, const Shape& in, const Shape& other) {
  if (in != other) refuse(layer, fmt::format("inputs {} and {} must have one shape", text(in), text(other)));
  return in;
}

Shape mul_shape(const Layer& layer, const Shape& in, const Shape& other) {
  if (other != in && other != Shape{1, 1, in.c})
    refuse(layer, fmt::format("second input {} must be {} or [1, 1, {}]", text(other), text(in), in.c));
  return in;
}

Shape concat_shape(const Layer& layer, const Shape& in, const Shape& other) {
  if (in.h != other.h || in.w != other.w)
    refuse(layer, fmt::format("inputs {} and {} must have one height and width", text(in), text(other)));
  return {in.h, in.w, in.c + other.c};
}

Shape scaled_up(const Layer& layer, const Shape& in) {
  if (layer.stride_h < 1 || layer.stride_w < 1) refuse(layer, "the factors must be at least 1");
  return {in.h * layer.stride_h, in.w * layer.stride_w, in.c};
}

Shape unfolded(const Layer& layer, const Shape& in) {
  Shape out = scaled_up(layer, in);
  const int block = layer.stride_h * layer.stride_w;
  if (in.c % block != 0)
    refuse(layer,
           fmt::format("{} channels are no multiple of {} x {}", in.c, layer.stride_h, layer.stride_w));
  out.c /= block;
  return out;
}

Shape concat_rows_shape(const Layer& layer, const Shape& in, const Shape& other) {
  if (in.w != other.w || in.c != other.c)
    refuse(layer, fmt::format("inputs {} and {} must have one width and depth", text(in), text(other)));
  return {in.h + other.h, in.w, in.c};
}

Shape slice_shape(const Layer& l, const Shape& in) {
  if (l.stride_h < 1 || l.stride_w < 1) refuse(l, "the steps must be at least 1");
  if (std::min({l.pad_top, l.pad_left, l.pad_bottom, l.pad_right}) < 0 || in.h <= l.pad_top + l.pad_bottom ||
      in.w <= l.pad_left + l.pad_right)
    refuse(l, fmt::format("{},{},{},{} (top, left, bottom, right) cannot be taken off {}", l.pad_top,
                          l.pad_left, l.pad_bottom, l.pad_right, text(in)));
  return {window_output(in.h, 1, l.stride_h, -l.pad_top - l.pad_bottom),
          window_output(in.w, 1, l.stride_w, -l.pad_left - l.pad_right), in.c};
}

Shape reshape_shape(const Layer& l, const Shape& in, int out_channels) {
  if (l.kernel_h < 1 || l.stride_h < 1) refuse(l, "its groups of rows must have at least 1");
  const std::int64_t group = std::int64_t{in.w} * in.c * l.kernel_h;
  const std::int64_t pixel = std::int64_t{l.stride_h} * std::max(out_channels, 1);
  const std::int64_t width = group / pixel;
  if (in.h % l.kernel_h != 0 || group % pixel != 0 || width > std::numeric_limits<std::int16_t>::max())
    refuse(l, fmt::format("{} has no groups of {} rows that become {} of {} channels", text(in), l.kernel_h,
                          l.stride_h, out_channels));
  return {in.h / l.kernel_h * l.stride_h, static_cast<int>(width), out_channels};
}

Shape dense_shape(const Layer& layer, const Shape& in, int out_channels) {
  if (in.h != 1 || in.w != 1) refuse(layer, fmt::format("input {} must be [1, 1, C]", text(in)));
  if (layer.kernel_h != 1 || layer.kernel_w != 1 || layer.stride_h != 1 || layer.stride_w != 1)
    refuse(layer, "kernel and stride must be 1");
  return {1, 1, out_channels};
}

}  // namespace

Shape infer_output(const Layer& layer, const Shape& in, const std::optional<Shape>& second,
                   int out_channels) {
  if (layer.subtracts && layer.op != OpKind::kAdd) refuse(layer, "only an addition subtracts");
  if (in.h < 1 || in.w < 1 || in.c < 1)
    refuse(layer, fmt::format("input {} must be at least 1 in every direction", text(in)));
  if (layer.streams && !op_info(layer.op).windowed) refuse(layer, "only windows read rows of earlier calls");
  switch (layer.op) {
    case OpKind::kConv2d:
      return window_shape(layer, in, out_channels);
    case OpKind::kDepthwiseConv2d:
    case OpKind::kAveragePool:
    case OpKind::kMaxPool:
      return window_shape(layer, in, in.c);
    case OpKind::kDense:
      return dense_shape(layer, in, out_channels);
    case OpKind::kAdd:
      return add_shape(layer, in, second_of(layer, second));
    case OpKind::kMinimum:
    case OpKind::kMaximum:
      return add_shape(layer, in, second_of(layer, second));
    case OpKind::kMul:
      return mul_shape(layer, in, second_of(layer, second));
    case OpKind::kConcat:
      return concat_shape(layer, in, second_of(layer, second));
    case OpKind::kGlobalAveragePool:
      return {1, 1, in.c};
    case OpKind::kSoftmax:
    case OpKind::kLogSoftmax:
      return in;
    case OpKind::kFunction:
      if (layer.function == Function::kNone || layer.function >= Function::kCount)
        refuse(layer, "needs one of ir::Function, such as kSigmoid");
      if (!std::isfinite(layer.slope)) refuse(layer, "needs a finite slope");
      return in;
    case OpKind::kResizeNearest:
      return scaled_up(layer, in);
    case OpKind::kDepthToSpace:
      return unfolded(layer, in);
    case OpKind::kGather:
      return {in.h, in.w, out_channels};
    case OpKind::kSlice:
      return slice_shape(layer, in);
    case OpKind::kConcatRows:
      return concat_rows_shape(layer, in, second_of(layer, second));
    case OpKind::kReshape:
      return reshape_shape(layer, in, out_channels);
    case OpKind::kCount:
      break;
  }
  throw InternalError("infer_output: unknown operation");
}

Shape infer_output(const Graph& graph, const Layer& layer, int out_channels) {
  std::optional<Shape> second;
  if (layer.inputs[1] >= 0) second = graph.in_shape(layer, 1);
  return infer_output(layer, graph.in_shape(layer), second, out_channels);
}

}  // namespace tinynas::ir
