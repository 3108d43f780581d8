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

}  // namespace

/// A layer that reads windows of input 0, which may come through a PAD.
ir::Layer Folder::window(const Node& node, ir::OpKind op, const Kernel& kernel) {
  const Value& read = value(node, 0);
  const ir::TensorQuant quant = tensor_quant(read);
  const Source from = source(node, 0);
  if (from.kind != Source::kTensor) throw Refused{"its input is no int8 tensor"};
  if (node.integer("dilation_h", 1) != 1 || node.integer("dilation_w", 1) != 1)
    throw Refused{"dilated convolutions are not computed", "larger kernels or strides, trained so"};
  // A convolution pads with zeros itself, as does a max pool where nothing is below 0.
  Border b = from.border;
  if (op == ir::OpKind::kAveragePool || (op == ir::OpKind::kMaxPool && quant.zero_point != -128) ||
      b.top >= kernel.h || b.bottom >= kernel.h || b.left >= kernel.w || b.right >= kernel.w ||
      !from.order.empty())
    b = {};
  const bool laid = b.empty();  // by a layer of its own, if there is one
  ir::Shape shape = image_shape(read);
  shape.h -= b.top + b.bottom;
  shape.w -= b.left + b.right;
  ir::Layer layer{.op = op,
                  .kernel_h = narrow(kernel.h, 1, "kernel height"),
                  .kernel_w = narrow(kernel.w, 1, "kernel width"),
                  .stride_h = narrow(node.integer("stride_h", 1), 1, "stride"),
                  .stride_w = narrow(node.integer("stride_w", 1), 1, "stride"),
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
    rows = same_pads(shape.h + b.top + b.bottom, layer.kernel_h, layer.stride_h);
    columns = same_pads(shape.w + b.left + b.right, layer.kernel_w, layer.stride_w);
  }
  layer.pad_top = narrow(rows.before + b.top, 0, "padding");
  layer.pad_bottom = narrow(rows.after + b.bottom, 0, "padding");
  layer.pad_left = narrow(columns.before + b.left, 0, "padding");
  layer.pad_right = narrow(columns.after + b.right, 0, "padding");
  return layer;
}

void Folder::conv(const Node& node) {
  const auto [out, kernel_h, kernel_w, in] = four_sizes(value(node, 1));
  const ir::Layer layer =
      window(node, ir::OpKind::kConv2d, {static_cast<int>(kernel_h), static_cast<int>(kernel_w)});
  const int channels = graph_.in_shape(layer).c;
  if (static_cast<int>(in) != channels)
    throw Refused{
        fmt::format("its weights are for {} of {} input channels: grouped convolutions are not computed", in,
                    channels),
        "depthwise and 1x1 convolutions"};
  finish_weighted(node, layer, static_cast<int>(out),
                  parameters(node, graph_.quant_of(layer.inputs[0]).scale, out, kernel_h * kernel_w * in,
                             ChannelsAre::kFirst));
}

void Folder::depthwise(const Node& node) {
  const auto [one, kernel_h, kernel_w, out] = four_sizes(value(node, 1));
  ir::Layer layer =
      window(node, ir::OpKind::kDepthwiseConv2d, {static_cast<int>(kernel_h), static_cast<int>(kernel_w)});
  const auto in = static_cast<std::size_t>(graph_.in_shape(layer).c);
  if (one != 1 || out % in != 0)
    throw Refused{fmt::format("its weights have shape {}, its input {} channels",
                              shape_text(value(node, 1).shape), in)};
  Weights weights =
      parameters(node, graph_.quant_of(layer.inputs[0]).scale, out, kernel_h * kernel_w, ChannelsAre::kLast);
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
    throw Refused{"its input is no int8 tensor"};
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
  const ir::Shape shape = graph_.in_shape(layer);
  if (shape.elements() == in && shape.h * shape.w > 1) {
    layer.op = ir::OpKind::kConv2d;
    layer.kernel_h = narrow(shape.h, 1, "input's height");
    layer.kernel_w = narrow(shape.w, 1, "input's width");
  } else if (shape.elements() != in) {
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
