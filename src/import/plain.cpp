// Layers without weights, and those whose second input is a constant.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "import/folder.h"
#include "tinynas/ir/functions.h"
#include "tinynas/quant/requantize.h"

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

void Folder::add(const Node& node) {
  if (is_constant(node, 1)) return scale_channels(node, 0);
  if (is_constant(node, 0)) return scale_channels(node, 1);
  const auto [a, b] = of_one_shape(node);
  finish(node, {.op = ir::OpKind::kAdd, .subtracts = node.op == "sub", .inputs = {a, b}});
}

void Folder::mul(const Node& node) {
  if (is_constant(node, 1)) return scale_channels(node, 0);
  if (is_constant(node, 0)) return scale_channels(node, 1);
  int a = activation(node, 0), b = activation(node, 1);
  if (graph_.tensor(a).elements() < graph_.tensor(b).elements())
    std::swap(a, b);  // ours has the factor second
  if (graph_.tensor(b) == ir::Shape{1, 1, graph_.tensor(a).c})
    return finish(node, {.op = ir::OpKind::kMul, .inputs = {a, b}});
  const auto [first, second] = of_one_shape(node);
  finish(node, {.op = ir::OpKind::kMul, .inputs = {first, second}});
}

/// The smaller or larger one of two tensors, or of each value and a number.
void Folder::extreme(const Node& node) {
  const bool largest = node.op == "maximum";
  for (const std::size_t input : {std::size_t{1}, std::size_t{0}}) {
    if (!is_constant(node, input)) continue;
    const std::vector<double> bounds = reals(value(node, input));
    if (bounds.empty() || std::ranges::count(bounds, bounds[0]) != std::ssize(bounds))
      throw Refused{"its constant differs from value to value", "one number for all"};
    const int tensor = activation(node, 1 - input);
    const int made =
        bounded_by(node, tensor, largest ? ir::Function::kAtLeast : ir::Function::kAtMost, bounds[0]);
    return settle(node, made);
  }
  const auto [a, b] = of_one_shape(node);
  finish(node, {.op = largest ? ir::OpKind::kMaximum : ir::OpKind::kMinimum, .inputs = {a, b}});
}

/// In the quantization of the node's output; no layer where none of its values lies beyond the bound.
int Folder::bounded_by(const Node& node, int tensor, ir::Function function, double bound) {
  const ir::TensorQuant quant = tensor_quant(output(node));
  const auto scale = static_cast<double>(quant.scale);
  const double place = std::floor(bound / scale + 0.5) + quant.zero_point;
  if (!is_float_ && (function == ir::Function::kAtLeast ? place <= -128 : place >= 127))
    return requantize(node, tensor, quant);
  return add_layer(node,
                   {.op = ir::OpKind::kFunction,
                    .function = function,
                    .slope = static_cast<float>(bound),
                    .inputs = {tensor, -1}},
                   0, {}, quant);
}

/// Both inputs, repeated along the dimensions where they are 1 and the other is not.
std::array<int, 2> Folder::of_one_shape(const Node& node) {
  const int a = activation(node, 0), b = activation(node, 1);
  const ir::Shape first = graph_.tensor(a), second = graph_.tensor(b);
  const ir::Shape shape = {
      .h = std::max(first.h, second.h), .w = std::max(first.w, second.w), .c = std::max(first.c, second.c)};
  const auto fits = [&](const ir::Shape& one) {
    return (one.h == shape.h || one.h == 1) && (one.w == shape.w || one.w == 1) &&
           (one.c == shape.c || one.c == 1);
  };
  // Dimensions are counted from the last one: those of fewer must be channels, to be where ours are.
  const std::size_t ranks[] = {value(node, 0).shape.size(), value(node, 1).shape.size()};
  const bool shifted = ranks[0] != ranks[1] && (ranks[0] < ranks[1] ? first : second).h > 1;
  if (!fits(first) || !fits(second) || shifted)
    throw Refused{fmt::format("its inputs have shapes {} and {}", shape_text(value(node, 0).shape),
                              shape_text(value(node, 1).shape)),
                  kSameShape};
  return {repeated(node, a, shape), repeated(node, b, shape)};
}

int Folder::repeated(const Node& node, int tensor, const ir::Shape& shape) {
  if (graph_.tensor(tensor).c != shape.c) {
    tensor = choose_channels(node, tensor, ir::ChannelMap(at(shape.c), 0));
    graph_.names.back() += "_every_channel";
  }
  const ir::Shape from = graph_.tensor(tensor);
  if (from == shape) return tensor;
  const int made = add_layer(node,
                             {.op = ir::OpKind::kResizeNearest,
                              .stride_h = static_cast<std::int16_t>(shape.h / from.h),
                              .stride_w = static_cast<std::int16_t>(shape.w / from.w),
                              .inputs = {tensor, -1}},
                             0, {}, graph_.quant_of(tensor));
  graph_.names.back() += "_repeated";
  return made;
}

/// A constant a channel is a 1x1 depthwise convolution: factors are weights, summands biases.
void Folder::scale_channels(const Node& node, std::size_t tensor_input) {
  const Value& constant = value(node, 1 - tensor_input);
  const std::vector<double> numbers = reals(constant);
  const std::vector<std::int64_t>& read = value(node, tensor_input).shape;
  const std::int64_t last = read.empty() ? 1 : read.back();
  const bool along_channels =
      std::ssize(numbers) == last && (constant.shape.empty() || constant.shape.back() == last);
  if (numbers.size() != 1 && !along_channels) return scale_values(node, tensor_input, numbers);
  const int tensor = activation(node, tensor_input);
  if (numbers.size() != 1 && std::ssize(numbers) != graph_.tensor(tensor).c)
    throw Refused{
        fmt::format("its constant has shape {}, its input {}", shape_text(constant.shape), shape_text(read)),
        kSameShape};
  settle(node, by_channel(node, tensor_input, tensor, numbers));
}

/// A constant that differs from pixel to pixel: all values of a row, or of the image, become channels.
void Folder::scale_values(const Node& node, std::size_t tensor_input, const std::vector<double>& numbers) {
  const Value& constant = value(node, 1 - tensor_input);
  const auto refuse = [&] {
    throw Refused{fmt::format("its constant has shape {}, its input {}", shape_text(constant.shape),
                              shape_text(value(node, tensor_input).shape)),
                  kSameShape};
  };
  // Dimensions are counted from the last one.
  const std::size_t rank = std::max(constant.shape.size(), value(node, tensor_input).shape.size());
  const auto image_of = [&](Value value) {
    value.shape.insert(value.shape.begin(), rank - value.shape.size(), 1);
    return image_shape(value);
  };
  const ir::Shape given = image_of(constant), read = image_of(value(node, tensor_input));
  const ir::Shape to = {std::max(given.h, read.h), std::max(given.w, read.w), std::max(given.c, read.c)};
  const auto fits = [&](const ir::Shape& one) {
    return (one.h == to.h || one.h == 1) && (one.w == to.w || one.w == 1) && (one.c == to.c || one.c == 1);
  };
  constexpr std::int64_t kMostConstants = 1 << 18;  // Flash has no more
  const std::int64_t count = given.h == 1 ? std::int64_t{to.w} * to.c : to.elements();
  if (!fits(given) || !fits(read) || count > kMostConstants || given.elements() != std::ssize(numbers))
    refuse();
  std::vector<double> each;
  for (int y = 0; y < (given.h == 1 ? 1 : to.h); ++y)
    for (int x = 0; x < to.w; ++x)
      for (int c = 0; c < to.c; ++c)
        each.push_back(numbers[at(((given.h == 1 ? 0 : y) * given.w + (given.w == 1 ? 0 : x)) * given.c +
                                  (given.c == 1 ? 0 : c))]);
  int tensor = tensor_as(node, {Source::kTensor, activation(node, tensor_input)}, read);
  tensor = repeated(node, tensor, to);
  const int rows = given.h == 1 ? to.h : 1;
  tensor = tensor_as(node, {Source::kTensor, tensor}, {rows, 1, static_cast<int>(count)});
  tensor = activated(node, by_channel(node, tensor_input, tensor, each));
  define(node, tensor_as(node, {Source::kTensor, tensor}, to));
}

/// By one number, or one a channel.
int Folder::by_channel(const Node& node, std::size_t tensor_input, int tensor,
                       const std::vector<double>& numbers) {
  const auto channels = at(graph_.tensor(tensor).c);
  if (is_float_) {
    std::vector<double> factors(channels, 1), summands(channels, 0);
    for (std::size_t c = 0; c < channels; ++c) {
      const double number = numbers[numbers.size() == 1 ? 0 : c];
      if (node.op == "sub" && tensor_input == 1) factors[c] = -1;  // the constant less the tensor
      (node.op == "mul" ? factors : summands)[c] = node.op == "sub" && tensor_input == 0 ? -number : number;
    }
    return scaled(node, changeable(node, tensor_input, tensor), tensor, factors, summands);
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
      const bool from_it = node.op == "sub" && tensor_input == 1;  // the constant less the tensor
      const double bias = std::round((node.op == "sub" && !from_it ? -number : number) / (in_scale / kOne));
      if (!(std::abs(bias) < std::numeric_limits<std::int32_t>::max()))
        throw Refused{"its constant is far larger than what its input can be"};
      parameters.weight.push_back(static_cast<std::int8_t>(from_it ? -kOne : kOne));
      parameters.weight_scale.push_back(1.0F / kOne);
      parameters.bias.push_back(static_cast<std::int32_t>(bias));
    }
  }
  return add_layer(node, {.op = ir::OpKind::kDepthwiseConv2d, .inputs = {tensor, -1}},
                   static_cast<int>(channels), std::move(parameters), tensor_quant(output(node)));
}

/// Also its logarithm.
void Folder::softmax(const Node& node) {
  const double beta = node.real("beta", 1);
  if (!(beta > 0) || !std::isfinite(beta)) throw Refused{fmt::format("its beta is {}", beta), "beta 1"};
  const bool logarithm = node.op == "log_softmax";
  const ir::TensorQuant wanted = tensor_quant(output(node));
  int tensor = activation(node, 0);
  if (beta != 1) {  // the same numbers, of another scale
    const std::size_t channels = at(graph_.tensor(tensor).c);
    const auto [scale, zero_point] = graph_.quant_of(tensor);
    const ir::TensorQuant scaled = {.scale = is_float_ ? 1 : static_cast<float>(double{scale} * beta),
                                    .zero_point = zero_point};
    tensor =
        add_layer(node, {.op = ir::OpKind::kDepthwiseConv2d, .inputs = {tensor, -1}}, 0,
                  ir::QuantParameters{.weight = std::vector<std::int8_t>(channels, 1),
                                      .weight_scale = std::vector<float>(channels, static_cast<float>(beta)),
                                      .bias = std::vector<std::int32_t>(channels)},
                  scaled);
    graph_.names.back() += "_times_beta";
  }
  const ir::Layer layer{.op = logarithm ? ir::OpKind::kLogSoftmax : ir::OpKind::kSoftmax,
                        .inputs = {tensor, -1}};
  const int made = add_layer(node, layer, 0, {}, logarithm ? wanted : quant::kShareQuant);
  define(node, activated(node, requantize(node, made, wanted)));
}

/// By whole factors a layer of its own; by others, values that stand in several places.
void Folder::resize(const Node& node) {
  const std::vector<std::int64_t> sizes = integers(value(node, 1));
  if (sizes.size() != 2) throw Refused{"it needs a height and a width"};
  const ir::Shape in = image_shape(value(node, 0));
  const auto fits = [](std::int64_t size, int from) {
    return size >= from && size % from == 0 && size <= std::numeric_limits<std::int16_t>::max();
  };
  if (!fits(sizes[0], in.h) || !fits(sizes[1], in.w) || node.integer("align_corners", 0) != 0)
    return resize_unevenly(node, sizes);
  finish(node, {.op = ir::OpKind::kResizeNearest,
                .stride_h = static_cast<std::int16_t>(sizes[0] / in.h),
                .stride_w = static_cast<std::int16_t>(sizes[1] / in.w),
                .inputs = {activation(node, 0), -1}});
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
  if (!alphas.empty() && std::ranges::count(alphas, alphas[0]) == std::ssize(alphas)) {
    Node leaky = node;
    leaky.op = "leaky_relu";
    leaky.attributes["alpha"] = alphas[0];
    return function(leaky);
  }
  const Value& stored = value(node, 1);
  if (stored.shape.empty() || stored.shape.back() != std::ssize(alphas))
    throw Refused{fmt::format("its alphas have shape {}", shape_text(stored.shape)), "one alpha a channel"};
  prelu_by_channel(node, alphas);
}

/// alpha * x, and where x > 0 the rest to x: relu(x) stands beside x, in columns in turn, and a depthwise
/// convolution weighs both. Its scale is 1 / n, so that their weights sum to 1 exactly; n is the one that
/// comes nearest to alpha.
void Folder::prelu_by_channel(const Node& node, const std::vector<double>& alphas) {
  const int in = activation(node, 0);
  const ir::TensorQuant quant = graph_.quant_of(in);
  if (std::ssize(alphas) != graph_.tensor(in).c)
    throw Refused{fmt::format("it has {} alphas for {} channels", alphas.size(), graph_.tensor(in).c)};
  ir::QuantParameters parameters;
  ir::Parameters exact{.bias = std::vector<float>(alphas.size())};
  for (const double alpha : alphas) {
    exact.weight.push_back(static_cast<float>(alpha));
    exact.weight.push_back(static_cast<float>(1 - alpha));
    constexpr int kMost = 127;
    int best = 0;
    double least = std::numeric_limits<double>::infinity();
    for (int n = 1; n <= kMost; ++n) {
      const double weight = std::round(alpha * n), error = std::abs(weight / n - alpha);
      if (std::abs(weight) > kMost || std::abs(n - weight) > kMost || !(error < least)) continue;
      best = n;
      least = error;
    }
    if (best == 0 && !is_float_)
      throw Refused{fmt::format("one of its alphas is {}", alpha), "alphas of -1 to 64"};
    if (is_float_) continue;
    const int weight = static_cast<int>(std::round(alpha * best));
    parameters.weight.push_back(static_cast<std::int8_t>(weight));
    parameters.weight.push_back(static_cast<std::int8_t>(best - weight));
    parameters.weight_scale.push_back(1.0F / static_cast<float>(best));
    parameters.bias.push_back(0);
  }
  const int positive = add_layer(
      node, {.op = ir::OpKind::kFunction, .function = ir::Function::kRelu, .inputs = {in, -1}}, 0, {}, quant);
  graph_.names.back() += "_positive";
  const int both = add_layer(node, {.op = ir::OpKind::kConcat, .inputs = {in, positive}}, 0, {}, quant);
  graph_.names.back() += "_both";
  const int turns =
      add_layer(node, {.op = ir::OpKind::kDepthToSpace, .stride_w = 2, .inputs = {both, -1}}, 0, {}, quant);
  graph_.names.back() += "_in_turn";
  finish(node, {.op = ir::OpKind::kDepthwiseConv2d, .kernel_w = 2, .stride_w = 2, .inputs = {turns, -1}},
         static_cast<int>(alphas.size()),
         is_float_ ? LayerParameters(std::move(exact)) : LayerParameters(std::move(parameters)));
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

/// Between any bounds.
void Folder::clip_anywhere(const Node& node) {
  int tensor = activation(node, 0);
  const double lowest = node.real("lowest", -ir::kNoBound), highest = node.real("highest", ir::kNoBound);
  if (std::isfinite(lowest)) tensor = bounded_by(node, tensor, ir::Function::kAtLeast, lowest);
  if (std::isfinite(highest)) tensor = bounded_by(node, tensor, ir::Function::kAtMost, highest);
  define(node, requantize(node, tensor, tensor_quant(output(node))));
}

}  // namespace tinynas::import
