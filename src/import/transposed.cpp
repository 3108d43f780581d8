// Transposed convolutions: convolutions that make all pixels of a block as channels, and take them apart.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "import/folder.h"

namespace tinynas::import {
namespace {

/// One direction: output o is the sum over inputs i of x[i] * w[o + pad - stride * i].
struct Way {
  int in = 1, kernel = 1, stride = 1, pad = 0, out = 1;
};

/// The convolution of a direction whose output q has the pixels stride * q + r + first, r < stride: it reads
/// `taps` inputs from q - before on. `left_out` pixels stand ahead of the wanted ones and behind them.
struct Phases {
  Way way;
  int first = 0, taps = 1, before = 0, after = 0, made = 1;
  Pair left_out = {};
  /// Which of the kernel's taps input `tap` of the window has for pixel r of the block; out of range: none.
  int kernel_tap(int r, int tap) const { return r + first + way.stride * (before - tap); }
};

/// With the pixels aligned to blocks, so that the taps are as few as can be, or to the wanted ones, so that
/// none of them is left out ahead.
Phases phases_of(const Way& way, bool align) {
  Phases p{.way = way, .first = align ? way.pad / way.stride * way.stride : way.pad};
  p.left_out.ahead = way.pad - p.first;
  p.before = std::max(0, (way.kernel - 1 - p.first) / way.stride);
  if (way.kernel - 1 < p.first) p.before = 0;
  p.taps = p.before + 1 + (way.stride - 1 + p.first) / way.stride;
  const int wanted = (way.out + p.left_out.ahead + way.stride - 1) / way.stride;
  p.after = std::max(0, wanted - 1 + p.taps - way.in - p.before);
  p.made = way.in + p.before + p.after - p.taps + 1;
  p.left_out.behind = p.made * way.stride - p.left_out.ahead - way.out;
  return p;
}

using Plan = std::array<Phases, 2>;

double macs_of(const Plan& plan, int in_channels) {
  double sums = in_channels, pixels = 1, crop = 1;
  bool crops = false;
  for (const Phases& p : plan) {
    sums *= p.taps;
    pixels *= p.made * p.way.stride;
    crop *= p.left_out.ahead + p.left_out.behind + 1;
    crops = crops || p.left_out.ahead + p.left_out.behind > 0;
  }
  return pixels * (sums + (crops ? crop : 0));
}

/// [channels, taps] of the file as those of the convolution: one channel for each pixel of a block.
template <typename Number>
std::vector<Number> spread(const std::vector<Number>& from, const Plan& plan, std::size_t channels,
                           std::size_t inputs) {
  const auto& [rows, columns] = plan;
  const auto taps = at(rows.way.kernel * columns.way.kernel) * inputs;
  std::vector<Number> made;
  if (from.empty()) return made;
  for (int ry = 0; ry < rows.way.stride; ++ry)
    for (int rx = 0; rx < columns.way.stride; ++rx)
      for (std::size_t c = 0; c < channels; ++c)
        for (int y = 0; y < rows.taps; ++y)
          for (int x = 0; x < columns.taps; ++x) {
            const int ky = rows.kernel_tap(ry, y), kx = columns.kernel_tap(rx, x);
            if (ky < 0 || ky >= rows.way.kernel || kx < 0 || kx >= columns.way.kernel) {
              made.resize(made.size() + inputs);
              continue;
            }
            const std::size_t first = c * taps + at(ky * columns.way.kernel + kx) * inputs;
            for (std::size_t i = 0; i < inputs; ++i) made.push_back(from[first + i]);
          }
  return made;
}

/// One number a channel as one for each channel of a block.
template <typename Number>
std::vector<Number> repeated(const std::vector<Number>& from, const Plan& plan) {
  std::vector<Number> made;
  for (int i = 0; i < plan[0].way.stride * plan[1].way.stride; ++i)
    made.insert(made.end(), from.begin(), from.end());
  return made;
}

Weights spread(const Weights& from, const Plan& plan, std::size_t channels, std::size_t inputs) {
  return {.numbers = spread(from.numbers, plan, channels, inputs),
          .scales = repeated(from.scales, plan),
          .bias = repeated(from.bias, plan),
          .reals = {.weight = spread(from.reals.weight, plan, channels, inputs),
                    .bias = repeated(from.reals.bias, plan)}};
}

std::int16_t bounded(int number, int most, const char* what) {
  if (number < 0 || number > most) throw Refused{fmt::format("its {} is {}", what, number)};
  return static_cast<std::int16_t>(number);
}

}  // namespace

/// Padding cuts off what stands ahead of the image; the file says how much stands behind it.
void Folder::transposed_conv(const Node& node) {
  constexpr int kMostKernel = 255, kMostStride = 64, kMostBlock = 1 << 15;
  const Value& stored = value(node, 1);
  const int tensor = activation(node, 0);
  const ir::Shape in = graph_.tensor(tensor);
  if (stored.shape.size() != 4 || stored.shape[3] != in.c)
    throw Refused{
        fmt::format("its weights have shape {}, its input {} channels", shape_text(stored.shape), in.c)};
  ir::Shape out = image_shape(output(node));
  if (is_constant(node, 3)) {
    const std::vector<std::int64_t> sizes = integers(value(node, 3));
    if (sizes.size() != 4 || sizes != std::vector<std::int64_t>{1, out.h, out.w, out.c})
      throw Refused{fmt::format("it makes [{}], the file says {}", fmt::join(sizes, ", "),
                                shape_text(output(node).shape))};
  }
  const auto way = [&](std::size_t dimension, int from, int to, const char* stride, const char* pad) {
    const int kernel = bounded(static_cast<int>(std::min<std::int64_t>(stored.shape[dimension], 1 << 20)),
                               kMostKernel, "kernel");
    Way made{
        .in = from,
        .kernel = kernel,
        .stride = bounded(static_cast<int>(std::clamp<std::int64_t>(node.integer(stride, 1), 0, 1 << 20)),
                          kMostStride, "stride"),
        .out = to};
    if (kernel < 1 || made.stride < 1) throw Refused{"its kernel or stride is 0"};
    const std::string padding = node.text("padding", "valid");
    if (padding == "same")
      made.pad = std::max(0, (from - 1) * made.stride + kernel - to) / 2;
    else if (padding == "explicit")
      made.pad = bounded(static_cast<int>(std::clamp<std::int64_t>(node.integer(pad, 0), -1, 1 << 20)),
                         kMostKernel, "padding");
    return made;
  };
  const Way rows = way(1, in.h, out.h, "stride_h", "pad_top");
  const Way columns = way(2, in.w, out.w, "stride_w", "pad_left");
  const std::int64_t channels = stored.shape[0] * rows.stride * columns.stride;
  if (channels < 1 || channels > kMostBlock || stored.shape[0] != out.c)
    throw Refused{fmt::format("its weights have shape {}", shape_text(stored.shape))};
  Plan plan = {phases_of(rows, false), phases_of(columns, false)};
  if (const Plan aligned = {phases_of(rows, true), phases_of(columns, true)};
      macs_of(aligned, in.c) < macs_of(plan, in.c))
    plan = aligned;
  const auto& [y, x] = plan;
  for (const Phases& p : plan)
    if (p.after >= p.taps || p.before >= p.taps || p.left_out.behind < 0)
      throw Refused{fmt::format("its output [{}, {}] is larger than what its input [{}, {}] reaches", out.h,
                                out.w, in.h, in.w),
                    "an output size that padding and stride give"};
  const ir::TensorQuant quant = tensor_quant(output(node));
  const Weights file = parameters(node, graph_.quant_of(tensor).scale, at(out.c),
                                  at(rows.kernel * columns.kernel) * at(in.c), ChannelsAre::kFirst);
  int made = add_weighted(node,
                          {.op = ir::OpKind::kConv2d,
                           .kernel_h = bounded(y.taps, kMostKernel, "kernel"),
                           .kernel_w = bounded(x.taps, kMostKernel, "kernel"),
                           .pad_top = bounded(y.before, kMostKernel, "padding"),
                           .pad_left = bounded(x.before, kMostKernel, "padding"),
                           .pad_bottom = bounded(y.after, kMostKernel, "padding"),
                           .pad_right = bounded(x.after, kMostKernel, "padding"),
                           .inputs = {tensor, -1}},
                          static_cast<int>(channels), spread(file, plan, at(out.c), at(in.c)), quant);
  if (rows.stride * columns.stride > 1) {
    graph_.names.back() += "_phases";
    made = add_layer(node,
                     {.op = ir::OpKind::kDepthToSpace,
                      .stride_h = bounded(rows.stride, kMostStride, "stride"),
                      .stride_w = bounded(columns.stride, kMostStride, "stride"),
                      .inputs = {made, -1}},
                     0, {}, quant);
  }
  if (y.left_out.any() || x.left_out.any()) {
    graph_.names.back() += "_whole";
    made = cropped(node, made, y.left_out, x.left_out);
  }
  settle(node, made);
}

/// A depthwise convolution that moves values by its one weight of 1: without some rows and columns.
int Folder::cropped(const Node& node, int tensor, const Pair& rows, const Pair& columns) {
  constexpr int kMostCropped = 255;
  const int kernel_h = rows.ahead + rows.behind + 1, kernel_w = columns.ahead + columns.behind + 1;
  const auto channels = at(graph_.tensor(tensor).c), taps = at(kernel_h * kernel_w);
  ir::QuantParameters parameters{.weight = std::vector<std::int8_t>(channels * taps),
                                 .weight_scale = std::vector<float>(channels, 1.0F),
                                 .bias = std::vector<std::int32_t>(channels)};
  for (std::size_t c = 0; c < channels; ++c)
    parameters.weight[c * taps + at(rows.ahead * kernel_w + columns.ahead)] = 1;
  const ir::TensorQuant quant = graph_.quant_of(tensor);
  return add_layer(node,
                   {.op = ir::OpKind::kDepthwiseConv2d,
                    .kernel_h = bounded(kernel_h, kMostCropped, "padding"),
                    .kernel_w = bounded(kernel_w, kMostCropped, "padding"),
                    .inputs = {tensor, -1}},
                   0, std::move(parameters), quant);
}

}  // namespace tinynas::import
