// Layers without weights, and those whose second input is a constant.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "import/folder.h"
#include "tinynas/ir/functions.h"

namespace tinynas::import {
namespace {

constexpr std::int64_t kMostTaps = 1 << 16;  // of a pool's window
constexpr const char* kSameShape = "two tensors of one shape, or a constant a channel";

}  // namespace

void Folder::pool(const Node& node) {
  const Kernel kernel{node.integer("kernel_h", 0), node.integer("kernel_w", 0)};
  ir::Layer layer =
      window(node, node.op == "max_pool" ? ir::OpKind::kMaxPool : ir::OpKind::kAveragePool, kernel);
  const ir::Shape in = graph_.in_shape(layer);
  const bool whole = kernel.h == in.h && kernel.w == in.w && layer.pad_top + layer.pad_bottom == 0 &&
                     layer.pad_left + layer.pad_right == 0;
  if (whole && layer.op == ir::OpKind::kAveragePool) {
    finish(node, {.op = ir::OpKind::kGlobalAveragePool, .inputs = layer.inputs});
    return;
  }
  if (kernel.h * kernel.w > kMostTaps)
    throw Refused{"its window is too large", "the mean over the whole image"};
  finish(node, layer);
}

/// A mean or a maximum over rows, columns, or both.
void Folder::reduce(const Node& node) {
  const Value& read = value(node, 0);
  Source from = source(node, 0);
  const std::string order = order_of(from, read);
  std::string left = order;
  bool rows = false, columns = false, others = false;
  for (std::int64_t axis : integers(value(node, 1))) {
    if (axis < 0) axis += static_cast<std::int64_t>(order.size());
    const char letter = axis >= 0 && axis < static_cast<std::int64_t>(order.size()) ? order[at(axis)] : 'N';
    rows = rows || letter == 'H';
    columns = columns || letter == 'W';
    others = others || letter == 'N' || letter == 'C';
    std::erase(left, letter);
  }
  const bool transposed = from.kind == Source::kTensor && !from.order.empty();
  if (transposed) tensor_quant(read);
  const int tensor = transposed ? from.tensor : activation(node, 0);
  if (others || (!rows && !columns))
    throw Refused{"it is not over rows and columns", "the mean over rows and columns"};
  const ir::Shape& in = graph_.tensor(tensor);
  const bool mean = node.op == "mean";
  const bool all = (rows || in.h == 1) && (columns || in.w == 1);
  const auto made = [&](const ir::Layer& layer) {
    finish(node, layer);
    const bool kept = output(node).shape.size() == order.size();
    if (transposed) sources_[at(node.outputs[0])].order = kept ? order : left;
  };
  if (mean && all) return made({.op = ir::OpKind::kGlobalAveragePool, .inputs = {tensor, -1}});
  ir::Layer layer{.op = mean ? ir::OpKind::kAveragePool : ir::OpKind::kMaxPool, .inputs = {tensor, -1}};
  if (rows) layer.kernel_h = static_cast<std::int16_t>(in.h);
  if (columns) layer.kernel_w = static_cast<std::int16_t>(in.w);
  if (std::int64_t{layer.kernel_h} * layer.kernel_w > kMostTaps) throw Refused{"it is over too many pixels"};
  made(layer);
}

/// Also a subtraction, of a constant only.
void Folder::add(const Node& node) {
  if (is_constant(node, 1)) return scale_channels(node, 0);
  if (is_constant(node, 0) && node.op == "add") return scale_channels(node, 1);
  if (node.op == "sub") throw unknown_operator(node);
  const int a = activation(node, 0), b = activation(node, 1);
  if (graph_.tensor(a) != graph_.tensor(b))
    throw Refused{fmt::format("its inputs have shapes {} and {}", shape_text(value(node, 0).shape),
                              shape_text(value(node, 1).shape)),
                  kSameShape};
  finish(node, {.op = ir::OpKind::kAdd, .inputs = {a, b}});
}

void Folder::mul(const Node& node) {
  if (is_constant(node, 1)) return scale_channels(node, 0);
  if (is_constant(node, 0)) return scale_channels(node, 1);
  int a = activation(node, 0), b = activation(node, 1);
  if (graph_.tensor(a).elements() < graph_.tensor(b).elements())
    std::swap(a, b);  // ours has the factor second
  const ir::Shape &shape = graph_.tensor(a), &factor = graph_.tensor(b);
  if (factor != shape && factor != ir::Shape{1, 1, shape.c})
    throw Refused{fmt::format("its inputs have shapes {} and {}", shape_text(value(node, 0).shape),
                              shape_text(value(node, 1).shape)),
                  "two tensors of one shape, or a factor a channel"};
  finish(node, {.op = ir::OpKind::kMul, .inputs = {a, b}});
}

/// A constant a channel is a 1x1 depthwise convolution: factors are weights, summands biases.
void Folder::scale_channels(const Node& node, std::size_t tensor_input) {
  const int tensor = activation(node, tensor_input);
  const Value& constant = value(node, 1 - tensor_input);
  const std::vector<double> numbers = reals(constant);
  const auto channels = at(graph_.tensor(tensor).c);
  const bool along_channels =
      numbers.size() == channels &&
      (constant.shape.empty() || constant.shape.back() == static_cast<std::int64_t>(channels));
  if (numbers.size() != 1 && !along_channels)
    throw Refused{fmt::format("its constant has shape {}, its input {}", shape_text(constant.shape),
                              shape_text(value(node, tensor_input).shape)),
                  kSameShape};
  if (is_float_) {
    std::vector<double> factors(channels, 1), summands(channels, 0);
    for (std::size_t c = 0; c < channels; ++c) {
      const double number = numbers[numbers.size() == 1 ? 0 : c];
      (node.op == "mul" ? factors : summands)[c] = node.op == "sub" ? -number : number;
    }
    return settle(node, scaled(node, changeable(node, tensor_input, tensor), tensor, factors, summands));
  }
  const double in_scale = static_cast<double>(graph_.quant_of(tensor).scale);
  ir::QuantParameters parameters;
  for (std::size_t c = 0; c < channels; ++c) {
    const double number = numbers[numbers.size() == 1 ? 0 : c];
    constexpr int kOne = 64;  // a large weight makes fine units of the bias; a power of two, exact scales
    if (node.op == "mul") {
      parameters.weight.push_back(static_cast<std::int8_t>(number < 0 ? -kOne : number > 0 ? kOne : 0));
      parameters.weight_scale.push_back(number == 0 ? 1.0F : static_cast<float>(std::abs(number) / kOne));
      parameters.bias.push_back(0);
    } else {
      const double bias = std::round((node.op == "sub" ? -number : number) / (in_scale / kOne));
      if (!(std::abs(bias) < std::numeric_limits<std::int32_t>::max()))
        throw Refused{"its constant is far larger than what its input can be"};
      parameters.weight.push_back(kOne);
      parameters.weight_scale.push_back(1.0F / kOne);
      parameters.bias.push_back(static_cast<std::int32_t>(bias));
    }
  }
  finish(node, {.op = ir::OpKind::kDepthwiseConv2d, .inputs = {tensor, -1}}, static_cast<int>(channels),
         std::move(parameters));
}

void Folder::softmax(const Node& node) {
  if (node.real("beta", 1) != 1) throw Refused{fmt::format("its beta is {}", node.real("beta", 1)), "beta 1"};
  constexpr ir::TensorQuant kShares = {.scale = 1.0F / 256, .zero_point = -128};
  const int made =
      add_layer(node, {.op = ir::OpKind::kSoftmax, .inputs = {activation(node, 0), -1}}, 0, {}, kShares);
  define(node, activated(node, requantize(node, made, tensor_quant(output(node)))));
}

void Folder::resize(const Node& node) {
  const int tensor = activation(node, 0);
  const std::vector<std::int64_t> sizes = integers(value(node, 1));
  const ir::Shape in = graph_.tensor(tensor);
  const auto fits = [](std::int64_t size, int from) {
    return size >= from && size % from == 0 && size <= std::numeric_limits<std::int16_t>::max();
  };
  if (sizes.size() != 2 || !fits(sizes[0], in.h) || !fits(sizes[1], in.w))
    throw Refused{fmt::format("[{}, {}] becomes [{}]", in.h, in.w, fmt::join(sizes, ", ")), "whole factors"};
  if (node.integer("align_corners", 0) != 0) throw Refused{"it aligns corners", "align_corners false"};
  finish(node, {.op = ir::OpKind::kResizeNearest,
                .stride_h = static_cast<std::int16_t>(sizes[0] / in.h),
                .stride_w = static_cast<std::int16_t>(sizes[1] / in.w),
                .inputs = {tensor, -1}});
}

/// Blocks whose channels stand together in the file are brought into our order ahead of it.
void Folder::depth_to_space(const Node& node) {
  int tensor = activation(node, 0);
  const std::int64_t h = node.integer("block_h", 0), w = node.integer("block_w", 0);
  const int channels = graph_.tensor(tensor).c;
  if (h < 1 || w < 1 || h > channels || w > channels || channels % (h * w) != 0)
    throw Refused{fmt::format("{} channels become blocks of {} x {} pixels", channels, h, w)};
  const auto block = static_cast<int>(h * w), made = channels / block;
  if (node.text("order", "DCR") == "CRD" && made > 1 && block > 1) {
    ir::ChannelMap from;
    for (int c = 0; c < channels; ++c) from.push_back(static_cast<std::int16_t>(c % made * block + c / made));
    tensor = choose_channels(node, tensor, from);
    graph_.names.back() += "_turned";
  }
  finish(node, {.op = ir::OpKind::kDepthToSpace,
                .stride_h = static_cast<std::int16_t>(h),
                .stride_w = static_cast<std::int16_t>(w),
                .inputs = {tensor, -1}});
}

void Folder::function(const Node& node) {
  const auto* const info = std::ranges::find(ir::kFunctions, node.op, &ir::FunctionInfo::name);
  finish(node, {.op = ir::OpKind::kFunction,
                .function = info->kind,
                .slope = static_cast<float>(node.real("alpha", 0)),
                .inputs = {activation(node, 0), -1}});
}

void Folder::prelu(const Node& node) {
  const std::vector<double> alphas = reals(value(node, 1));
  if (alphas.empty() || std::ranges::count(alphas, alphas[0]) != std::ssize(alphas))
    throw Refused{"its alphas differ from channel to channel",
                  "one alpha for all, or LEAKY_RELU, trained so"};
  Node leaky = node;
  leaky.op = "leaky_relu";
  leaky.attributes["alpha"] = alphas[0];
  function(leaky);
}

/// A relu that stands alone: the saturation, where the output's range ends so.
void Folder::clip(const Node& node) {
  const auto* const info = std::ranges::find(ir::kFunctions, node.op, &ir::FunctionInfo::name);
  const ir::TensorQuant quant = tensor_quant(output(node));
  if (const int tensor = source(node, 0).tensor;
      source(node, 0).border.empty() && take_in(changeable(node, 0, tensor), node.op))
    return define(node, activation(node, 0));
  if (!saturates(info->kind, quant)) return function(node);
  define(node, requantize(node, activation(node, 0), quant));
}

/// Between bounds that no function of ours has: where the range of its output ends.
void Folder::clip_anywhere(const Node& node) {
  Node with = node;
  with.attributes["activation"] = node.op;
  define(node, activated(with, requantize(node, activation(node, 0), tensor_quant(output(node)))));
}

}  // namespace tinynas::import
