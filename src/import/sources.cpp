// Values of the file as tensors of the graph.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "import/folder.h"
#include "tinynas/core/error.h"
#include "tinynas/ir/add_multipliers.h"
#include "tinynas/ir/ops.h"
#include "tinynas/quant/requantize.h"

namespace tinynas::import {
namespace {

constexpr std::int64_t kMostPixels = 32767;  // height, width
constexpr std::int64_t kMostChannels = 1 << 20;
constexpr std::int64_t kMostElements = 1 << 28;
constexpr int kMostRowsRead = 512;  // by one row of a reshape
constexpr std::int64_t kMostBorderTaps = 1 << 10;
constexpr std::string_view kChannelsLast = "the same network without it: channels last, no channel shuffle";

int size_within(std::int64_t size, std::int64_t most, const Value& value) {
  if (size < 1 || size > most)
    throw Refused{fmt::format("'{}' has shape {}: each size must be 1 to {}", value.name,
                              shape_text(value.shape), most),
                  "export the network with fixed sizes"};
  return static_cast<int>(size);
}

/// Proves that a layer's sums stay within int32, as the interpreter and the kernels will.
void check_arithmetic(const ir::Graph& graph, int index) {
  const ir::Layer& layer = graph.layer(index);
  switch (layer.op) {
    case ir::OpKind::kConv2d:
    case ir::OpKind::kDepthwiseConv2d:
    case ir::OpKind::kDense:
      quant::layer_arithmetic(graph, index);
      break;
    case ir::OpKind::kAdd:
      quant::make_add(graph, layer);
      break;
    case ir::OpKind::kMinimum:
    case ir::OpKind::kMaximum:
      ir::make_extreme(graph, layer);
      break;
    case ir::OpKind::kMul:
      quant::mul_multiplier(graph, index);
      break;
    case ir::OpKind::kConcat:
    case ir::OpKind::kConcatRows:
      quant::concat_multipliers(graph, index);
      break;
    case ir::OpKind::kAveragePool:
      quant::average_pool_multipliers(graph, index);
      break;
    case ir::OpKind::kGlobalAveragePool:
      quant::pool_multiplier(graph, index);
      break;
    case ir::OpKind::kSoftmax:
      quant::softmax_table(graph, index);
      break;
    case ir::OpKind::kLogSoftmax:
      quant::log_softmax_steps(graph, index);
      break;
    case ir::OpKind::kMaxPool:
    case ir::OpKind::kResizeNearest:
    case ir::OpKind::kDepthToSpace:
    case ir::OpKind::kGather:
    case ir::OpKind::kSlice:
    case ir::OpKind::kReshape:
      quant::require_equal_quant(graph, index);
      break;
    default:
      break;
  }
}

/// What numbers in int8 mean, where their input has scale 1.
ir::Parameters real_parameters(LayerParameters parameters) {
  if (auto* reals = std::get_if<ir::Parameters>(&parameters)) return std::move(*reals);
  const auto& [weight, scale, bias] = std::get<ir::QuantParameters>(parameters);
  ir::Parameters made;
  for (std::size_t i = 0; i < weight.size(); ++i)
    made.weight.push_back(static_cast<float>(weight[i]) * scale[i * scale.size() / weight.size()]);
  for (std::size_t c = 0; c < bias.size(); ++c) made.bias.push_back(static_cast<float>(bias[c]) * scale[c]);
  return made;
}

}  // namespace

std::string order_of(const Source& source, const Value& value) {
  if (!source.order.empty()) return source.order;
  constexpr std::array<std::string_view, 5> kOrders = {"", "C", "NC", "NHC", "NHWC"};
  return std::string(value.shape.size() < kOrders.size() ? kOrders[value.shape.size()] : "");
}

bool in_order(const std::string& order, const Value& value) {
  std::string moving;
  for (std::size_t i = 0; i < order.size() && i < value.shape.size(); ++i)
    if (value.shape[i] != 1) moving += order[i];
  return moving.empty() || std::string_view("HWC").find(moving) != std::string_view::npos || moving == "HC";
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

ir::TensorQuant stated_quant(const Value& value) {
  if (value.type != Type::kInt8 && value.type != Type::kUint8 && value.type != Type::kInt16)
    throw Refused{fmt::format("its values are {}, not int8", type_name(value.type)),
                  "convert the model with full integer quantization (int8 weights and activations)"};
  if (value.scales.empty())
    throw Refused{fmt::format("its values are {} without a scale", type_name(value.type)),
                  "the network in float, or with full integer quantization"};
  if (value.scales.size() != 1 || value.zero_points.size() > 1)
    throw Refused{fmt::format("it needs one scale and zero point a tensor, found {} and {}",
                              value.scales.size(), value.zero_points.size()),
                  "convert the model with full integer quantization (int8 weights and activations)"};
  const std::int64_t zero = value.zero_points.empty() ? 0 : value.zero_points[0];
  const int lowest = value.type == Type::kUint8 ? 0 : value.type == Type::kInt8 ? -128 : -(1 << 15);
  if (!std::isfinite(value.scales[0]) || value.scales[0] <= 0 || zero < lowest ||
      zero > (lowest == 0 ? 255 : -lowest - 1))
    throw Refused{fmt::format("scale {} must be positive and zero point {} a value of its type",
                              value.scales[0], zero)};
  return {.scale = value.scales[0],
          .zero_point = static_cast<int>(zero) - (value.type == Type::kUint8 ? 128 : 0)};
}

/// In a float network all are alike.
ir::TensorQuant Folder::tensor_quant(const Value& value) const {
  if (only_moves_ && value.type == Type::kInt8 && value.scales.empty()) return {};
  if (!is_float_ && value.type != Type::kInt16) return stated_quant(value);
  if (!is_float_)
    throw Refused{"its values are int16, not int8",
                  "convert the model with full integer quantization (int8 weights and activations)"};
  if (value.type == Type::kInt32 || value.type == Type::kInt64 || value.type == Type::kOther)
    throw Refused{fmt::format("its values are {}, neither float nor int8", type_name(value.type))};
  return {};
}

ir::Shape image_shape(const Value& value) {
  const std::vector<std::int64_t>& s = value.shape;
  if (s.size() > 4)
    throw Refused{fmt::format("'{}' has {} dimensions, at most 4 are computed", value.name, s.size())};
  if (s.size() > 1 && s[0] != 1)
    throw Refused{
        fmt::format("'{}' has shape {}: the first size, the batch, must be 1", value.name, shape_text(s)),
        "export the network for one input at a time"};
  const auto pixels = [&](std::size_t i) { return size_within(s[i], kMostPixels, value); };
  ir::Shape shape = {.h = 1, .w = 1, .c = s.empty() ? 1 : size_within(s.back(), kMostChannels, value)};
  if (s.size() > 2) shape.h = pixels(1);
  if (s.size() > 3) shape.w = pixels(2);
  if (shape.elements() > kMostElements)
    throw Refused{fmt::format("'{}' has shape {}: too large", value.name, shape_text(s))};
  return shape;
}

bool Folder::has_input(const Node& node, std::size_t input) const {
  return input < node.inputs.size() && node.inputs[input] >= 0;
}

const Value& Folder::value(const Node& node, std::size_t input) const {
  if (!has_input(node, input)) throw Refused{fmt::format("input {} is missing", input)};
  return values_[at(same_as_[at(node.inputs[input])])];
}

const Value& Folder::output(const Node& node) const {
  if (node.outputs.empty()) throw Refused{"it has no output"};
  return values_[at(node.outputs[0])];
}

const Source& Folder::raw_source(const Node& node, std::size_t input) const {
  value(node, input);
  return sources_[at(node.inputs[input])];
}

/// As layers read it: with the moves of values made.
const Source& Folder::source(const Node& node, std::size_t input) {
  const Source from = raw_source(node, input);
  Source& kept = sources_[at(node.inputs[input])];
  if (!from.places) return kept;
  kept = {Source::kTensor, settled(node, value(node, input), from)};
  kept.alone = from.alone;
  return kept;
}

int Folder::new_tensor(const ir::Shape& shape, const ir::TensorQuant& quant) {
  graph_.tensors.push_back(shape);
  graph_.quant->tensors.push_back(quant);
  return graph_.tensor_count() - 1;
}

int Folder::input_of(int tensor) const {
  for (std::size_t i = 0; i < inputs_.size(); ++i)
    if (tensor >= 0 && inputs_[i].tensor == tensor) return static_cast<int>(i);
  return -1;
}

/// An input may be given in any shape until a layer reads it: its rows follow one another as in the file.
/// Other tensors get a layer.
int Folder::tensor_as(const Node& node, const Source& source, const ir::Shape& shape) {
  ir::Shape& found = graph_.tensor(source.tensor);
  if (found == shape) return source.tensor;
  const int input = input_of(source.tensor);
  if (input >= 0 && !inputs_[at(input)].is_read && found.elements() == shape.elements()) {
    found = shape;
    return source.tensor;
  }
  if (found.elements() != shape.elements())
    throw Refused{fmt::format("[{}, {}, {}] becomes [{}, {}, {}]", found.h, found.w, found.c, shape.h,
                              shape.w, shape.c)};
  const auto known = reshaped_.find({source.tensor, shape});
  if (known != reshaped_.end()) return known->second;
  const int group = std::gcd(found.h, shape.h), read = found.h / group;
  if (read > kMostRowsRead)
    throw Refused{fmt::format("[{}, {}, {}] becomes [{}, {}, {}]: each row is made of {} rows", found.h,
                              found.w, found.c, shape.h, shape.w, shape.c, read),
                  "flatten ahead of dense layers only"};
  const int made = add_layer(node,
                             {.op = ir::OpKind::kReshape,
                              .kernel_h = static_cast<std::int16_t>(read),
                              .stride_h = static_cast<std::int16_t>(shape.h / group),
                              .inputs = {source.tensor, -1}},
                             shape.c, {}, graph_.quant_of(source.tensor));
  reshaped_[{source.tensor, shape}] = made;
  return made;
}

/// Input i as a tensor of the shape that the file states, with nothing around it.
int Folder::activation(const Node& node, std::size_t input) {
  const Value& read = value(node, input);
  if (read.constant)
    throw Refused{fmt::format("input {} is a constant", input),
                  "constants as weights, biases and factors only"};
  tensor_quant(read);
  const Source& from = source(node, input);
  refuse_state(from, read);
  if (from.kind != Source::kTensor) throw Refused{fmt::format("input {} is made by no layer", input)};
  if (!from.order.empty()) {
    if (!in_order(from.order, read))
      throw Refused{"it reads the result of a TRANSPOSE", std::string(kChannelsLast)};
    return from.tensor;
  }
  ir::Shape inner = image_shape(read);
  inner.h -= from.border.top + from.border.bottom;
  inner.w -= from.border.left + from.border.right;
  const int tensor = tensor_as(node, from, inner);
  return from.border.empty() ? tensor : bordered(node, tensor, from.border);
}

/// A depthwise convolution that moves values by its one weight of 1: with zeros around them.
int Folder::bordered(const Node& node, int tensor, const Border& border) {
  const int rows = border.top + border.bottom, columns = border.left + border.right;
  const std::int64_t taps = (std::int64_t{rows} + 1) * (columns + 1);
  const auto channels = at(graph_.tensor(tensor).c);
  if (taps > kMostBorderTaps)
    throw Refused{fmt::format("{} rows and {} columns of zeros stand around its input", rows, columns)};
  ir::QuantParameters parameters{.weight = std::vector<std::int8_t>(channels * at(taps)),
                                 .weight_scale = std::vector<float>(channels, 1.0F),
                                 .bias = std::vector<std::int32_t>(channels)};
  const std::int64_t one = std::int64_t{border.bottom} * (columns + 1) + border.right;
  for (std::size_t c = 0; c < channels; ++c) parameters.weight[c * at(taps) + at(one)] = 1;
  const auto narrow = [](int number) { return static_cast<std::int16_t>(number); };
  const ir::TensorQuant quant = graph_.quant_of(tensor);
  return add_layer(node,
                   {.op = ir::OpKind::kDepthwiseConv2d,
                    .kernel_h = narrow(rows + 1),
                    .kernel_w = narrow(columns + 1),
                    .pad_top = narrow(rows),
                    .pad_left = narrow(columns),
                    .pad_bottom = narrow(rows),
                    .pad_right = narrow(columns),
                    .inputs = {tensor, -1}},
                   0, std::move(parameters), quant);
}

/// Whether it is an output of the network that no node reads.
bool Folder::leaves_unread(int value) const {
  const auto leaves = std::ranges::count(model_.outputs, value);
  return leaves > 0 && reads_[at(value)] == leaves;
}

/// Nobody reads here what the file calls the scale of its output.
void Folder::define(const Node& node, Source source, std::size_t output) {
  if (output >= node.outputs.size()) throw Refused{"it has no output"};
  const Value& made = values_[at(node.outputs[output])];
  const bool is_int8 = made.type == Type::kInt8 || made.type == Type::kUint8;
  if (source.kind == Source::kTensor && is_int8 && !leaves_unread(node.outputs[output]) &&
      tensor_quant(made) != graph_.quant_of(source.tensor))
    throw Refused{"it only moves values, but its input and output have different scales"};
  source.alone = source.alone && reads_[at(node.outputs[output])] < 2;
  for (std::size_t i = 0; i < node.inputs.size(); ++i)  // it may pass on what others read, too
    if (has_input(node, i) && raw_source(node, i).kind == Source::kTensor &&
        raw_source(node, i).tensor == source.tensor)
      source.alone = source.alone && raw_source(node, i).alone;
  sources_[at(node.outputs[output])] = std::move(source);
}

/// Adds a layer that makes a new tensor, and proves its arithmetic.
int Folder::add_layer(const Node& node, ir::Layer layer, int channels, LayerParameters parameters,
                      const ir::TensorQuant& quant) {
  const ir::Shape shape = ir::infer_output(graph_, layer, channels);
  if (shape.h > kMostPixels || shape.w > kMostPixels || shape.elements() > kMostElements)
    throw Refused{"its result is too large"};
  layer.output = new_tensor(shape, quant);
  for (const int tensor : layer.inputs)
    if (const int input = input_of(tensor); input >= 0) inputs_[at(input)].is_read = true;
  std::string name = output(node).name;
  graph_.layers.push_back(layer);
  graph_.names.push_back(name.substr(0, name.find(';')));
  if (is_float_) {
    graph_.parameters.push_back(real_parameters(std::move(parameters)));
    graph_.quant->layers.emplace_back();
    return layer.output;
  }
  graph_.quant->layers.push_back(std::get<ir::QuantParameters>(std::move(parameters)));
  check_arithmetic(graph_, graph_.layer_count() - 1);
  return layer.output;
}

/// The last layer of a node: its result is the node's, in shape and quantization.
void Folder::finish(const Node& node, const ir::Layer& layer, int channels, LayerParameters parameters) {
  settle(node, add_layer(node, layer, channels, std::move(parameters), tensor_quant(output(node))));
}

/// The tensor that a node made, once its activation is behind it.
void Folder::settle(const Node& node, int tensor) {
  tensor = activated(node, tensor);
  const ir::Shape& made = graph_.tensor(tensor);
  if (made.elements() != image_shape(output(node)).elements())
    throw Refused{fmt::format("it makes [{}, {}, {}], the file says {}", made.h, made.w, made.c,
                              shape_text(output(node).shape))};
  define(node, tensor);
}

/// A pool of single values changes scale and zero point, and nothing else.
int Folder::requantize(const Node& node, int tensor, const ir::TensorQuant& quant) {
  if (is_float_ || graph_.quant_of(tensor) == quant) return tensor;
  return add_layer(node, {.op = ir::OpKind::kAveragePool, .inputs = {tensor, -1}}, 0, {}, quant);
}

bool saturates(ir::Function relu, const ir::TensorQuant& quant) {
  const auto kept = [&](int q) {
    const double real = double{quant.scale} * (q - quant.zero_point);
    return std::floor(ir::function_info(relu).value(real, 0) / quant.scale + 0.5) + quant.zero_point == q;
  };
  return kept(-128) && kept(127);
}

/// The node's activation of its result, a layer where the saturation is not enough.
int Folder::activated(const Node& node, int tensor) {
  constexpr std::array kRelus = {ir::Function::kRelu, ir::Function::kRelu6, ir::Function::kReluN1To1};
  const std::string activation = node.text("activation", "none");
  if (activation == "none") return tensor;
  if (is_float_ && take_in(maker(tensor), activation)) return tensor;
  if (is_float_ && activation == "clip") return clipped(node, tensor);
  if (activation == "clip") {
    const double lowest = node.real("lowest", -ir::kNoBound), highest = node.real("highest", ir::kNoBound);
    if (std::isfinite(lowest)) tensor = bounded_by(node, tensor, ir::Function::kAtLeast, lowest);
    return std::isfinite(highest) ? bounded_by(node, tensor, ir::Function::kAtMost, highest) : tensor;
  }
  const auto* const relu = std::ranges::find(
      kRelus, activation, [](ir::Function function) { return ir::function_info(function).name; });
  if (relu == kRelus.end())
    throw Refused{fmt::format("its activation {} is not computed", activation), "relu or relu6, trained so"};
  const ir::TensorQuant quant = graph_.quant_of(tensor);
  if (saturates(*relu, quant)) return tensor;
  if (!graph_.layers.empty() && graph_.layers.back().output == tensor) graph_.names.back() += "_linear";
  return add_layer(node, {.op = ir::OpKind::kFunction, .function = *relu, .inputs = {tensor, -1}}, 0, {},
                   quant);
}

}  // namespace tinynas::import
