// Convolutions and dense layers.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "import/folder.h"

namespace tinynas::import {
namespace {

constexpr int kMostWeight = 127;  // the engine's kernels pair those of -127 and more

struct Pads {
  int before = 0, after = 0;
};

/// TFLite's SAME: as many outputs as strides begin in the input; the odd one out stands behind.
Pads same_pads(int in, int kernel, int stride) {
  const int outputs = (in + stride - 1) / stride;
  const int total = std::max((outputs - 1) * stride + kernel - in, 0);
  return {total / 2, total - total / 2};
}

std::int16_t narrow(std::int64_t number, std::int64_t least, const char* what) {
  if (number < least || number > std::numeric_limits<std::int16_t>::max())
    throw Refused{fmt::format("its {} is {}", what, number)};
  return static_cast<std::int16_t>(number);
}

/// Sizes of weights with four dimensions.
std::array<std::size_t, 4> four_sizes(const Value& weights) {
  std::array<std::size_t, 4> sizes{};
  if (weights.shape.size() != 4)
    throw Refused{fmt::format("its weights have shape {}", shape_text(weights.shape))};
  for (std::size_t i = 0; i < 4; ++i)
    sizes[i] = static_cast<std::size_t>(narrow(weights.shape[i], 1, "number of weights"));
  return sizes;
}

/// [channels, taps] with tap i where places[i] is.
template <typename Number>
std::vector<Number> reordered(const std::vector<Number>& numbers, const Places& places) {
  std::vector<Number> made(numbers.size());
  for (std::size_t first = 0; first < numbers.size(); first += places.size())
    for (std::size_t i = 0; i < places.size(); ++i) made[first + at(places[i])] = numbers[first + i];
  return made;
}

std::int16_t bounded_dilation(const Node& node, const char* which) {
  return narrow(node.integer(which, 1), 1, "dilation");
}

/// Weights [channels, rows, columns, inputs] with zeros between the columns.
template <typename Number>
void spread_columns(std::vector<Number>& weights, std::size_t columns, std::size_t inputs,
                    std::size_t dilation) {
  if (dilation == 1 || columns == 1) return;
  std::vector<Number> made;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    made.push_back(weights[i]);
    const bool ends_tap = i % inputs == inputs - 1, ends_row = i / inputs % columns == columns - 1;
    if (ends_tap && !ends_row) made.resize(made.size() + (dilation - 1) * inputs);
  }
  weights = std::move(made);
}
void spread_columns(Weights& weights, std::size_t columns, std::size_t inputs, std::size_t dilation) {
  spread_columns(weights.numbers, columns, inputs, dilation);
  spread_columns(weights.reals.weight, columns, inputs, dilation);
}

/// Weights of groups, [channels, taps, inputs of a group], with zeros for the inputs of the other groups.
template <typename Number>
void spread_groups(std::vector<Number>& weights, std::size_t channels, std::size_t inputs,
                   std::size_t groups) {
  if (groups == 1) return;
  std::vector<Number> made(weights.size() * groups);
  const std::size_t taps = weights.size() / channels / inputs;
  for (std::size_t o = 0; o < channels; ++o)
    for (std::size_t k = o * taps; k < (o + 1) * taps; ++k)
      for (std::size_t i = 0; i < inputs; ++i)
        made[(k * groups + o / (channels / groups)) * inputs + i] = weights[k * inputs + i];
  weights = std::move(made);
}

constexpr std::size_t kMostSpread = 1 << 24;  // weights of a layer, with the zeros between them

/// Columns that a kernel reaches over.
std::int64_t reach(const Node& node, std::size_t columns) {
  return static_cast<std::int64_t>(columns - 1) * bounded_dilation(node, "dilation_w") + 1;
}

}  // namespace

/// A layer that reads windows of input 0, which may come through a PAD.
ir::Layer Folder::window(const Node& node, ir::OpKind op, const Kernel& kernel) {
  const Value& read = value(node, 0);
  const ir::TensorQuant quant = tensor_quant(read);
  const Source from = source(node, 0);
  if (from.kind == Source::kState) refuse_state(from, read);
  if (from.kind != Source::kTensor) throw Refused{"its input is made by no layer"};
  const bool convolves = op == ir::OpKind::kConv2d || op == ir::OpKind::kDepthwiseConv2d;
  const std::int16_t dilation = kernel.h == 1 ? std::int16_t{1} : bounded_dilation(node, "dilation_h");
  if (!convolves && (dilation != 1 || (kernel.w > 1 && node.integer("dilation_w", 1) != 1)))
    throw Refused{"dilated pools are not computed", "a larger pool"};
  const std::int64_t height = (kernel.h - 1) * dilation + 1;
  // A convolution pads with zeros itself, as does a max pool where nothing is below 0.
  Border b = from.border;
  if (op == ir::OpKind::kAveragePool || (op == ir::OpKind::kMaxPool && quant.zero_point != -128) ||
      b.top >= height || b.bottom >= height || b.left >= kernel.w || b.right >= kernel.w ||
      !from.order.empty())
    b = {};
  const bool laid = b.empty() && from.history == 0;  // by a layer of its own, if there is one
  ir::Shape shape = image_shape(read);
  shape.h -= b.top + b.bottom + from.history;
  shape.w -= b.left + b.right;
  ir::Layer layer{.op = op,
                  .kernel_h = narrow(kernel.h, 1, "kernel height"),
                  .kernel_w = narrow(kernel.w, 1, "kernel width"),
                  .stride_h = narrow(node.integer("stride_h", 1), 1, "stride"),
                  .stride_w = narrow(node.integer("stride_w", 1), 1, "stride"),
                  .dilation_h = dilation,
                  .inputs = {laid ? activation(node, 0) : tensor_as(node, from, shape), -1}};
  Pads rows, columns;
  const std::string padding = node.text("padding", "valid");
  const auto pad = [&](const char* side) {
    return static_cast<int>(narrow(node.integer(side, 0), 0, "padding"));
  };
  if (padding == "explicit") {
    rows = {pad("pad_top"), pad("pad_bottom")};
    columns = {pad("pad_left"), pad("pad_right")};
  } else if (padding == "same") {
    rows = same_pads(shape.h + from.history + b.top + b.bottom, ir::window_height(layer), layer.stride_h);
    columns = same_pads(shape.w + b.left + b.right, layer.kernel_w, layer.stride_w);
  }
  layer.pad_top = narrow(rows.before + b.top, 0, "padding");
  layer.pad_bottom = narrow(rows.after + b.bottom, 0, "padding");
  layer.pad_left = narrow(columns.before + b.left, 0, "padding");
  layer.pad_right = narrow(columns.after + b.right, 0, "padding");
  stream(from, read, layer);
  return layer;
}

/// Groups have zeros for each other's inputs; those of one channel each are a depthwise convolution.
void Folder::conv(const Node& node) {
  const auto [out, kernel_h, kernel_w, in] = four_sizes(value(node, 1));
  const std::int64_t width = reach(node, kernel_w);
  ir::Layer layer = window(node, ir::OpKind::kConv2d, {static_cast<std::int64_t>(kernel_h), width});
  const auto channels = at(graph_.in_shape(layer).c), groups = channels / in;
  if (groups == 0 || channels % in != 0 || out % groups != 0)
    throw Refused{fmt::format("its weights are for {} of {} input channels", in, channels),
                  "groups of as many channels each"};
  const bool depthwise = in == 1 && out == channels && groups > 1;
  if (depthwise) layer.op = ir::OpKind::kDepthwiseConv2d;
  if (out * kernel_h * at(static_cast<int>(width)) * (depthwise ? 1 : channels) > kMostSpread)
    throw Refused{"it has too many weights with the zeros between its groups and taps", "smaller groups"};
  Weights weights = parameters(node, graph_.quant_of(layer.inputs[0]).scale, out, kernel_h * kernel_w * in,
                               ChannelsAre::kFirst);
  if (!depthwise) {
    spread_groups(weights.numbers, out, in, groups);
    spread_groups(weights.reals.weight, out, in, groups);
  }
  spread_columns(weights, kernel_w, depthwise ? 1 : channels, at(bounded_dilation(node, "dilation_w")));
  finish_weighted(node, layer, static_cast<int>(out), std::move(weights));
}

void Folder::depthwise(const Node& node) {
  const auto [one, kernel_h, kernel_w, out] = four_sizes(value(node, 1));
  const std::int64_t width = reach(node, kernel_w);
  ir::Layer layer = window(node, ir::OpKind::kDepthwiseConv2d, {static_cast<std::int64_t>(kernel_h), width});
  const auto in = static_cast<std::size_t>(graph_.in_shape(layer).c);
  if (one != 1 || out % in != 0)
    throw Refused{fmt::format("its weights have shape {}, its input {} channels",
                              shape_text(value(node, 1).shape), in)};
  Weights weights =
      parameters(node, graph_.quant_of(layer.inputs[0]).scale, out, kernel_h * kernel_w, ChannelsAre::kLast);
  spread_columns(weights, kernel_w, 1, at(bounded_dilation(node, "dilation_w")));
  if (in == 1)
    layer.op = ir::OpKind::kConv2d;  // of a single channel both are the same
  else if (out != in) {              // each channel as often as it is multiplied
    ir::ChannelMap from(out);
    for (std::size_t o = 0; o < out; ++o) from[o] = static_cast<std::int16_t>(o / (out / in));
    layer.inputs[0] = choose_channels(node, layer.inputs[0], from);
  }
  finish_weighted(node, layer, static_cast<int>(out), std::move(weights));
}

/// All values of a tensor in another order: the weights take it, and nothing moves. Null in the usual order.
std::shared_ptr<const Places> Folder::order_of_dense(const Node& node) {
  const Value &read = value(node, 0), &weights = value(node, 1);
  const Source& from = raw_source(node, 0);
  if (from.kind != Source::kTensor || read.constant || !from.border.empty() || weights.shape.size() != 2 ||
      (!from.places && in_order(from.order, read)))
    return nullptr;
  const std::int64_t values = graph_.tensor(from.tensor).elements();
  const Moved input = moved(node, 0);
  return weights.shape[1] == values && is_permutation(*input.places, values) ? input.places : nullptr;
}

/// Over all of its input: a dense layer, or a convolution whose kernel is the image. Over the channels alone:
/// a 1x1 convolution.
void Folder::dense(const Node& node) {
  const Value& read = value(node, 0);
  const std::shared_ptr<const Places> order = order_of_dense(node);
  const Source from = order ? Source{Source::kTensor, raw_source(node, 0).tensor} : source(node, 0);
  if (read.constant || from.kind != Source::kTensor || !from.border.empty() || !in_order(from.order, read)) {
    activation(node, 0);  // says why
    throw Refused{"its input is made by no layer"};
  }
  tensor_quant(read);
  const Value& stored = value(node, 1);
  if (stored.shape.size() != 2)
    throw Refused{fmt::format("its weights have shape {}", shape_text(stored.shape))};
  const std::int64_t out = stored.shape[0], in = stored.shape[1];
  constexpr std::int64_t kMost = std::numeric_limits<std::int16_t>::max();
  if (out < 1 || in < 1 || out > kMost || in > kMost)
    throw Refused{fmt::format("its weights have shape {}", shape_text(stored.shape))};
  ir::Layer layer{.op = ir::OpKind::kDense, .inputs = {from.tensor, -1}};
  ir::Shape shape = graph_.in_shape(layer);
  shape.h += from.history;
  if (shape.elements() == in && shape.h * shape.w > 1) {
    layer.op = ir::OpKind::kConv2d;
    layer.kernel_h = narrow(shape.h, 1, "input's height");
    layer.kernel_w = narrow(shape.w, 1, "input's width");
    stream(from, read, layer);
  } else if (shape.elements() != in) {
    refuse_state(from, read);
    layer.inputs[0] = tensor_as(node, from, image_shape(read));
    if (graph_.in_shape(layer).c != in)
      throw Refused{
          fmt::format("its weights are for {} inputs, its input has shape {}", in, shape_text(read.shape))};
    layer.op = ir::OpKind::kConv2d;
  }
  Weights weights =
      parameters(node, graph_.quant_of(layer.inputs[0]).scale, at(out), at(in), ChannelsAre::kFirst);
  if (order) {
    weights.numbers = reordered(weights.numbers, *order);
    weights.reals.weight = reordered(weights.reals.weight, *order);
  }
  finish_weighted(node, layer, static_cast<int>(out), std::move(weights));
}

}  // namespace tinynas::import
