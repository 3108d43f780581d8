// Nodes that are layers.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "onnx/attributes.h"
#include "onnx/op_names.h"
#include "onnx/reader.h"
#include "tinynas/core/error.h"
#include "tinynas/core/index.h"
#include "tinynas/ir/ops.h"

namespace tinynas::onnx {
namespace {

/// Kernel, strides and padding of a Conv or a pool.
void read_window(const ::onnx::NodeProto& node, ir::Layer& layer) {
  const Attributes attributes(node);
  if (attributes.text("auto_pad", "NOTSET") != "NOTSET")
    throw UnsupportedError("auto_pad is not supported; write the pads out");
  const auto dilations = attributes.integers("dilations", {1, 1});
  if (dilations.size() != 2 || (dilations[1] != 1 && layer.kernel_w > 1))
    throw UnsupportedError("dilations along rows are not supported, only from row to row");
  if (layer.kernel_h > 1)
    layer.dilation_h = static_cast<std::int16_t>(within(dilations[0], 1, kMostPixels, "dilation"));
  const auto read = [&](const char* name, std::size_t count, std::vector<std::int64_t> otherwise) {
    auto values = attributes.integers(name, std::move(otherwise));
    if (values.size() != count) throw UnsupportedError(fmt::format("{} must have {} values", name, count));
    std::vector<std::int16_t> result;
    for (const auto value : values)
      result.push_back(static_cast<std::int16_t>(within(value, 0, kMostPixels, name)));
    return result;
  };
  const auto kernel = read("kernel_shape", 2, {layer.kernel_h, layer.kernel_w});
  const auto strides = read("strides", 2, {1, 1});
  const auto pads = read("pads", 4, {0, 0, 0, 0});
  layer.kernel_h = kernel[0], layer.kernel_w = kernel[1];
  layer.stride_h = strides[0], layer.stride_w = strides[1];
  layer.pad_top = pads[0], layer.pad_left = pads[1];
  layer.pad_bottom = pads[2], layer.pad_right = pads[3];
}

}  // namespace

/// Index of the dequantized tensor that is input i.
int Reader::real_input(const Node& node, int i) const {
  const Value value = find(input_name(node, i));
  if (value.kind != Value::kReal) throw UnsupportedError(fmt::format("input {} is not dequantized", i));
  return value.index;
}

void Reader::add_layer(const Node& node, const ir::Layer& layer, int out_channels,
                       ir::QuantParameters parameters) {
  const ir::Shape shape = ir::infer_output(graph_, layer, out_channels);
  if (shape.h > kMostPixels || shape.w > kMostPixels || shape.elements() > kMostElements)
    throw UnsupportedError("its result is too large");
  shapes_.push_back(shape);
  graph_.layers.push_back(layer);
  graph_.names.push_back(node.name());
  graph_.quant->layers.push_back(std::move(parameters));
  define(node, {Value::kExact, graph_.layer_count() - 1});
}

const QuantizedConstant& Reader::weights_of(const Node& node, std::size_t rank) const {
  const Value value = find(input_name(node, 1));
  if (value.kind != Value::kConstant) throw UnsupportedError("the weights must be a dequantized constant");
  const QuantizedConstant& weights = dequantized_[at(value.index)];
  const auto& dims = weights.values.dims;
  if (dims.size() != rank ||
      std::any_of(dims.begin(), dims.end(), [](auto d) { return d < 1 || d > kMostChannels; }))
    throw UnsupportedError(fmt::format("the weights must have {} dimensions, none empty", rank));
  return weights;
}

/// A constant, float or dequantized.
void Reader::read_bias_of(const std::string& name, int in, ir::QuantParameters& to) const {
  const float in_scale = graph_.quant_of(in).scale;
  if (const auto value = values_.find(name); value == values_.end()) {
    round_bias(constant(name).floats, in_scale, to);
  } else {
    if (value->second.kind != Value::kConstant) throw UnsupportedError("the bias must be a constant");
    read_bias(dequantized_[at(value->second.index)], in_scale, to);
  }
}

void Reader::convolution(const Node& node) {
  ir::Layer layer{.inputs = {real_input(node, 0), -1}};
  const QuantizedConstant& weights = weights_of(node, 4);
  const auto& dims = weights.values.dims;
  layer.kernel_h = static_cast<std::int16_t>(within(dims[2], 1, kMostPixels, "kernel height"));
  layer.kernel_w = static_cast<std::int16_t>(within(dims[3], 1, kMostPixels, "kernel width"));
  const ir::Layer of_weights = layer;
  read_window(node, layer);
  if (layer.kernel_h != of_weights.kernel_h || layer.kernel_w != of_weights.kernel_w)
    throw UnsupportedError("kernel_shape differs from the shape of the weights");

  const int in_channels = graph_.in_shape(layer).c;
  const std::int64_t group = Attributes(node).integer("group", 1);
  const bool one_by_one = in_channels == 1 && dims[0] == 1;  // both kinds at once; our models say which
  const bool depthwise = one_by_one ? node.doc_string() == ir::op_name(ir::OpKind::kDepthwiseConv2d)
                                    : group == in_channels && dims[0] == in_channels && group != 1;
  if (group != 1 && !depthwise)
    throw UnsupportedError("grouped convolutions are not supported; depthwise ones are");
  if (dims[1] != (depthwise ? 1 : in_channels))
    throw UnsupportedError(
        fmt::format("weights for {} input channels, the input has {}", dims[1], in_channels));
  layer.op = depthwise ? ir::OpKind::kDepthwiseConv2d : ir::OpKind::kConv2d;

  ir::QuantParameters parameters;
  read_weights(weights, WeightLayout::kOutInWindow, at(layer.kernel_h * layer.kernel_w), parameters);
  parameters.bias.assign(parameters.weight_scale.size(), 0);
  if (has_input(node, 2)) read_bias_of(node.input(2), layer.inputs[0], parameters);
  add_layer(node, layer, static_cast<int>(dims[0]), std::move(parameters));
}

/// Gemm, or a MatMul with a constant.
void Reader::dense(const Node& node) {
  const Attributes attributes(node);
  attributes.require("transA", 0, 0);
  if (attributes.number("alpha", 1) != 1 || attributes.number("beta", 1) != 1)
    throw UnsupportedError("alpha and beta must be 1");
  const ir::Layer layer{.op = ir::OpKind::kDense, .inputs = {real_input(node, 0), -1}};
  const QuantizedConstant& weights = weights_of(node, 2);
  const bool out_first = attributes.integer("transB", 0) != 0;
  const std::int64_t in = weights.values.dims[out_first ? 1 : 0];
  const std::int64_t out = weights.values.dims[out_first ? 0 : 1];
  if (in != graph_.in_shape(layer).c)
    throw UnsupportedError(
        fmt::format("weights for {} inputs, the input has {}", in, graph_.in_shape(layer).c));
  ir::QuantParameters parameters;
  read_weights(weights, out_first ? WeightLayout::kOutIn : WeightLayout::kInOut, 1, parameters);
  parameters.bias.assign(parameters.weight_scale.size(), 0);
  if (has_input(node, 2)) read_bias_of(node.input(2), layer.inputs[0], parameters);
  add_layer(node, layer, static_cast<int>(out), std::move(parameters));
}

/// Reads an Add of two tensors, or of a MatMul's exact result and its bias.
void Reader::add(const Node& node) {
  for (const int i : {0, 1}) {
    const auto found = values_.find(input_name(node, i));
    if (found == values_.end() || found->second.kind != Value::kExact) continue;
    const Value exact = found->second;
    const ir::Layer& layer = graph_.layer(exact.index);
    if (layer.op != ir::OpKind::kDense || layer.output >= 0 || layer.activation != ir::Activation::kNone)
      throw UnsupportedError("a bias may only follow a MatMul directly");
    read_bias_of(input_name(node, 1 - i), layer.inputs[0], graph_.layer_quant(exact.index));
    return define(node, exact);
  }
  plain(node, ir::OpKind::kAdd, node.op_type() == "Sub");
}

/// A mean over rows and columns is a global average pool.
void Reader::mean(const Node& node) {
  const auto axes = Attributes(node).integers("axes", {});
  if (axes != std::vector<std::int64_t>{2, 3} && axes != std::vector<std::int64_t>{-2, -1})
    throw UnsupportedError("only the mean over rows and columns, axes [2, 3], is supported");
  plain(node, ir::OpKind::kGlobalAveragePool);
}

/// Operations without weights.
void Reader::plain(const Node& node, ir::OpKind op, bool subtracts) {
  ir::Layer layer{.op = op, .subtracts = subtracts, .inputs = {real_input(node, 0), -1}};
  if (ir::op_info(op).inputs == 2) layer.inputs[1] = real_input(node, 1);
  // A factor per channel may stand on either side; ours is the second.
  if (op == ir::OpKind::kMul &&
      graph_.tensor(layer.inputs[0]).elements() < graph_.tensor(layer.inputs[1]).elements())
    std::swap(layer.inputs[0], layer.inputs[1]);
  if ((op == ir::OpKind::kConcat || op == ir::OpKind::kConcatRows) && node.input_size() != 2)
    throw UnsupportedError("it must join two tensors");
  if ((op == ir::OpKind::kMinimum || op == ir::OpKind::kMaximum) && node.input_size() != 2)
    throw UnsupportedError("it must be of two tensors");
  const Attributes attributes(node);
  if (ir::op_info(op).windowed) {
    read_window(node, layer);
    attributes.require("ceil_mode", 0, 0);
    if (op == ir::OpKind::kAveragePool) attributes.require("count_include_pad", 0, 0);
  }
  if (op == ir::OpKind::kConcat) attributes.require("axis", 1, 1);
  if ((op == ir::OpKind::kSoftmax || op == ir::OpKind::kLogSoftmax) && attributes.integer("axis", -1) != 1) {
    attributes.require("axis", -1, -1);  // the channels only of [1, C]
    const ir::Shape& shape = graph_.tensor(layer.inputs[0]);
    if (shape.h != 1 || shape.w != 1) throw UnsupportedError("it must be over the channels, axis 1");
  }
  if (op == ir::OpKind::kResizeNearest) read_factors(node, layer);
  if (op == ir::OpKind::kDepthToSpace) {
    if (attributes.text("mode", "DCR") != "DCR") throw UnsupportedError("only mode DCR is supported");
    layer.stride_h = layer.stride_w =
        static_cast<std::int16_t>(within(attributes.integer("blocksize", 0), 1, kMostPixels, "blocksize"));
  }
  add_layer(node, layer, 0, {});
}

void Reader::function(const Node& node, ir::Function function) {
  constexpr float kDefaultSlope = 0.2F, kDefaultOffset = 0.5F, kRounding = 1e-4F;
  if (const OnnxFunction& known = onnx_function(function); known.has_slope) {
    const float alpha = Attributes(node).number("alpha", kDefaultSlope),
                beta = Attributes(node).number("beta", kDefaultOffset);
    const auto near = [](float a, float b) { return std::abs(a - b) <= kRounding; };  // not for NaN
    if (!near(alpha, known.alpha) || !near(beta, known.beta))
      throw UnsupportedError(fmt::format("alpha {} and beta {}: only {:.6f} and {} are supported", alpha,
                                         beta, known.alpha, known.beta));
  }
  ir::Layer layer{.op = ir::OpKind::kFunction, .function = function, .inputs = {real_input(node, 0), -1}};
  constexpr float kDefaultLeak = 0.01F;
  if (function == ir::Function::kLeakyRelu) layer.slope = Attributes(node).number("alpha", kDefaultLeak);
  if (onnx_function(function).takes_bound) {
    const std::vector<float> bound = constant(input_name(node, 1)).floats;
    if (bound.size() != 1) throw UnsupportedError("its bound must be one number");
    layer.slope = bound[0];
  }
  if (function == ir::Function::kElu && Attributes(node).number("alpha", 1) != 1)
    throw UnsupportedError("only alpha 1 is supported");
  add_layer(node, layer, 0, {});
}

void Reader::read_factors(const Node& node, ir::Layer& layer) const {
  const Attributes attributes(node);
  if (attributes.text("mode", "nearest") != "nearest" ||
      attributes.text("coordinate_transformation_mode", "half_pixel") != "asymmetric" ||
      attributes.text("nearest_mode", "round_prefer_floor") != "floor")
    throw UnsupportedError("only mode nearest, asymmetric, floor is supported");
  const std::vector<float> factors = constant(input_name(node, 2)).floats;
  if (factors.size() != 4 || factors[0] != 1 || factors[1] != 1)
    throw UnsupportedError("scales must be [1, 1, h, w]");
  const auto factor = [](float value) {
    if (!(value >= 1) || value > static_cast<float>(kMostPixels) || value != std::floor(value))
      throw UnsupportedError(fmt::format("factor {} is not a whole number", value));
    return static_cast<std::int16_t>(value);
  };
  layer.stride_h = factor(factors[2]);
  layer.stride_w = factor(factors[3]);
}

/// The nodes of a depth to space whose blocks are not square, as we write them; false: it is none of them.
bool Reader::blocks(const Node& node) {
  const Value from = find(input_name(node, 0));
  if (node.op_type() == "Transpose") {
    const std::vector<std::int64_t> turns = {0, 3, 4, 1, 5, 2};
    if (from.kind != Value::kApart || Attributes(node).integers("perm", {}) != turns) return false;
    define(node, {Value::kTurned, from.index, from.block_h, from.block_w});
    return true;
  }
  if (from.kind != Value::kReal && from.kind != Value::kTurned) return false;
  if (node.op_type() != "Reshape" || !constants_.contains(input_name(node, 1))) return false;
  const std::vector<std::int64_t> dims = constant(input_name(node, 1)).integers;
  const ir::Shape in = graph_.tensor(from.index);
  if (from.kind == Value::kReal) {
    if (dims.size() != 6) return false;
    const int h = within(dims[1], 1, kMostPixels, "block height"),
              w = within(dims[2], 1, kMostPixels, "block width");
    const std::vector<std::int64_t> fitting = {1, h, w, in.c / h / w, in.h, in.w};
    if (dims != fitting) return false;
    define(node, {Value::kApart, from.index, h, w});
    return true;
  }
  const ir::Layer layer{.op = ir::OpKind::kDepthToSpace,
                        .stride_h = static_cast<std::int16_t>(from.block_h),
                        .stride_w = static_cast<std::int16_t>(from.block_w),
                        .inputs = {from.index, -1}};
  const ir::Shape out = ir::infer_output(graph_, layer, 0);
  if (dims != std::vector<std::int64_t>{1, out.c, out.h, out.w}) return false;
  add_layer(node, layer, 0, {});
  return true;
}

}  // namespace tinynas::onnx
