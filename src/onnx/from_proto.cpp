#include "from_proto.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "attributes.h"
#include "op_names.h"
#include "parameters.h"
#include "tinynas/core/error.h"
#include "tinynas/ir/ops.h"

namespace tinynas::onnx {
namespace {

using ::onnx::NodeProto;

constexpr std::int64_t kMostPixels = 32767;  // height, width, kernel, stride
constexpr std::int64_t kMostChannels = 1 << 20;
constexpr std::int64_t kMostElements = 1 << 28;

std::size_t at(int index) { return static_cast<std::size_t>(index); }

int within(std::int64_t value, std::int64_t low, std::int64_t high, const char* what) {
  if (value < low || value > high)
    throw UnsupportedError(fmt::format("{} {} must be {} .. {}", what, value, low, high));
  return static_cast<int>(value);
}

/// What a name in the file stands for.
struct Value {
  enum Kind {
    kImage,      ///< the float input
    kExact,      ///< the float result of layer `index`, not yet quantized
    kQuantized,  ///< tensor `index`, int8
    kReal,       ///< tensor `index`, dequantized
    kConstant,   ///< a dequantized constant, number `index`
  };
  Kind kind;
  int index;
};

class Reader {
 public:
  explicit Reader(const ::onnx::GraphProto& proto) : proto_(proto) { graph_.quant.emplace(); }

  ir::Graph read() {
    for (const auto& tensor : proto_.initializer()) constants_[tensor.name()] = &tensor;
    read_input();
    for (const NodeProto& node : proto_.node()) {
      try {
        read_node(node);
      } catch (const IoError& error) {
        throw IoError(fmt::format("{}: {}", describe_node(node), error.what()));
      } catch (const Error& error) {
        throw UnsupportedError(fmt::format("{}: {}", describe_node(node), error.what()));
      }
    }
    read_output();
    finish_names();
    restore_numbers();
    ir::validate(graph_);
    return std::move(graph_);
  }

 private:
  // -- ends of the graph -----------------------------------------------------------------------------------

  void read_input() {
    const ::onnx::ValueInfoProto* input = nullptr;
    for (const auto& value : proto_.input()) {
      if (constants_.contains(value.name())) continue;  // older models list their constants here too
      if (input) throw UnsupportedError("the model has more than one input");
      input = &value;
    }
    if (!input) throw UnsupportedError("the model has no input");
    const auto& type = input->type().tensor_type();
    if (type.elem_type() != ::onnx::TensorProto::FLOAT) throw UnsupportedError("the input is not float");
    const auto& dims = type.shape().dim();
    if (dims.size() != 4 && dims.size() != 2)
      throw UnsupportedError(
          fmt::format("the input has {} dimensions, expected [1, C, H, W] or [1, C]", dims.size()));
    const auto size = [&](int i, std::int64_t most) {
      return i < dims.size() ? within(dims.Get(i).dim_value(), 1, most, "input dimension") : 1;
    };
    image_ = {.h = size(2, kMostPixels), .w = size(3, kMostPixels), .c = size(1, kMostChannels)};
    values_[input->name()] = {Value::kImage, 0};
  }

  void read_output() {
    if (proto_.output_size() != 1)
      throw UnsupportedError(fmt::format("the model has {} outputs, expected 1", proto_.output_size()));
    const Value& value = find(proto_.output(0).name());
    if (value.kind != Value::kReal && value.kind != Value::kQuantized)
      throw UnsupportedError("the output is not the result of a QuantizeLinear");
    graph_.output = value.index;
    for (std::size_t i = 0; i < graph_.layers.size(); ++i)
      if (graph_.layers[i].output < 0)
        throw UnsupportedError(fmt::format("node '{}': its result is not quantized", graph_.names[i]));
  }

  /// Names as in the file; none if no node has one; made up where only some are missing or twice there.
  void finish_names() {
    if (std::all_of(graph_.names.begin(), graph_.names.end(),
                    [](const auto& name) { return name.empty(); })) {
      graph_.names.clear();
      return;
    }
    std::set<std::string> seen;
    for (std::size_t i = 0; i < graph_.names.size(); ++i) {
      std::string& name = graph_.names[i];
      if (name.empty()) name = ir::op_name(graph_.layers[i].op);
      while (!seen.insert(name).second) name += fmt::format("_{}", i);
    }
  }

  /// Our own models name tensor N "tN"; then the numbers come back.
  void restore_numbers() {
    const std::size_t count = graph_.tensors.size();
    std::map<std::string, int> ours;
    for (std::size_t n = 0; n < count; ++n) ours[fmt::format("t{}", n)] = static_cast<int>(n);
    std::vector<int> number;
    for (const std::string& name : tensor_names_) {
      const auto found = ours.find(name);
      if (found == ours.end()) return;
      number.push_back(found->second);
    }
    const ir::Graph old = graph_;
    for (std::size_t t = 0; t < count; ++t) {
      graph_.tensors[at(number[t])] = old.tensors[t];
      graph_.quant->tensors[at(number[t])] = old.quant->tensors[t];
    }
    const auto renumber = [&](int& tensor) { tensor = tensor < 0 ? tensor : number[at(tensor)]; };
    for (ir::Layer& layer : graph_.layers) {
      renumber(layer.output);
      for (int& input : layer.inputs) renumber(input);
    }
    renumber(graph_.input);
    renumber(graph_.output);
  }

  // -- names -----------------------------------------------------------------------------------------------

  const Value& find(const std::string& name) const {
    const auto found = values_.find(name);
    if (found == values_.end()) throw IoError(fmt::format("'{}' is made by no node before it is read", name));
    return found->second;
  }

  static std::string input_name(const NodeProto& node, int i) {
    if (i >= node.input_size() || node.input(i).empty()) throw IoError(fmt::format("input {} is missing", i));
    return node.input(i);
  }

  static bool has_input(const NodeProto& node, int i) {
    return i < node.input_size() && !node.input(i).empty();
  }

  Constant constant(const std::string& name) const {
    const auto found = constants_.find(name);
    if (found == constants_.end()) throw UnsupportedError(fmt::format("'{}' must be a constant", name));
    return read_tensor(*found->second);
  }

  void define(const NodeProto& node, Value value) {
    if (node.output_size() < 1 || node.output(0).empty()) throw IoError("it has no output");
    if (!values_.emplace(node.output(0), value).second)
      throw IoError(fmt::format("'{}' is made a second time", node.output(0)));
  }

  // -- nodes -----------------------------------------------------------------------------------------------

  void read_node(const NodeProto& node) {
    if (!node.domain().empty() && node.domain() != "ai.onnx")
      throw UnsupportedError(fmt::format("operators of '{}' are not supported", node.domain()));
    const std::string& op = node.op_type();
    if (op == "QuantizeLinear") return quantize(node);
    if (op == "DequantizeLinear") return dequantize(node);
    if (op == "Flatten" || op == "Reshape" || op == "Squeeze" || op == "Unsqueeze") return reshape(node);
    if (op == "Relu" || op == "Clip") return activate(node);
    if (op == "Conv") return convolution(node);
    if (op == "Gemm") return dense(node);
    for (const ir::OpInfo& info : ir::kOps)
      if (!info.has_weights && op == onnx_name(info.kind)) return plain(node, info.kind);
    throw UnsupportedError(
        "this operator is not supported; its kin: Conv, Gemm, Add, Mul, Concat, pools, Softmax, "
        "Resize, between QuantizeLinear and DequantizeLinear");
  }

  ir::TensorQuant read_quant(const NodeProto& node) const {
    const Constant scale = constant(input_name(node, 1));
    if (scale.floats.size() != 1) throw UnsupportedError("activations need one scale for the tensor");
    ir::TensorQuant quant = {.scale = scale.floats[0], .zero_point = -128};  // the default: 0 of uint8
    if (has_input(node, 2)) {
      const Constant zero_point = constant(node.input(2));
      if (zero_point.integers.size() != 1)
        throw UnsupportedError("activations need one zero point for the tensor");
      const std::int64_t offset = zero_point.is_unsigned ? 128 : 0;
      quant.zero_point = within(zero_point.integers[0] - offset, -128, 127, "zero point");
    }
    return quant;
  }

  int new_tensor(const ir::Shape& shape, const ir::TensorQuant& quant, const std::string& name) {
    graph_.tensors.push_back(shape);
    graph_.quant->tensors.push_back(quant);
    tensor_names_.push_back(name);
    return static_cast<int>(graph_.tensors.size()) - 1;
  }

  void quantize(const NodeProto& node) {
    const Value from = find(input_name(node, 0));
    const ir::TensorQuant quant = read_quant(node);
    int tensor = from.index;
    if (from.kind == Value::kImage) {
      if (!graph_.tensors.empty()) throw UnsupportedError("the input must be quantized first, and once");
      tensor = new_tensor(image_, quant, node.output_size() > 0 ? node.output(0) : "");
      graph_.input = tensor;
    } else if (from.kind == Value::kExact) {
      ir::Layer& layer = graph_.layers[at(from.index)];
      if (layer.output >= 0) throw UnsupportedError("a result may be quantized only once");
      check_activation(layer, quant);
      tensor = new_tensor(shapes_[at(from.index)], quant, node.output_size() > 0 ? node.output(0) : "");
      layer.output = tensor;
      layer.activation = ir::Activation::kNone;
    } else if (from.kind != Value::kReal || graph_.quant->tensors[at(tensor)] != quant) {
      throw UnsupportedError("changing the scale of a tensor without an operation is not supported");
    }
    define(node, {Value::kQuantized, tensor});
  }

  /// An activation may only vanish into a saturation that does the same.
  static void check_activation(const ir::Layer& layer, const ir::TensorQuant& quant) {
    if (layer.activation == ir::Activation::kNone) return;
    constexpr float kTolerance = 1.001F;
    if (quant.zero_point != -128)
      throw UnsupportedError("behind a ReLU the smallest int8 must mean 0 (zero point -128, or 0 of uint8)");
    if (layer.activation == ir::Activation::kRelu6 && quant.scale * 255 > 6 * kTolerance)
      throw UnsupportedError("behind a ReLU6 the largest int8 must mean at most 6");
  }

  void dequantize(const NodeProto& node) {
    const std::string name = input_name(node, 0);
    if (constants_.contains(name)) return dequantize_constant(node, name);
    const Value from = find(name);
    if (from.kind != Value::kQuantized) throw UnsupportedError("its input is not quantized");
    if (read_quant(node) != graph_.quant->tensors[at(from.index)])
      throw UnsupportedError("its scale or zero point differs from the QuantizeLinear before it");
    define(node, {Value::kReal, from.index});
  }

  void dequantize_constant(const NodeProto& node, const std::string& name) {
    QuantizedConstant result{
        .values = constant(name), .scale = constant(input_name(node, 1)).floats, .zero_point = {}};
    if (has_input(node, 2)) result.zero_point = constant(node.input(2)).integers;
    result.axis = Attributes(node).integer("axis", 1);
    if (result.scale.empty()) throw UnsupportedError("its scale is not float");
    define(node, {Value::kConstant, static_cast<int>(dequantized_.size())});
    dequantized_.push_back(std::move(result));
  }

  const ir::Shape& shape_of(const Value& value) const {
    return value.kind == Value::kExact ? shapes_[at(value.index)] : graph_.tensors[at(value.index)];
  }

  /// Views of [1, 1, C] only: nothing moves.
  void reshape(const NodeProto& node) {
    const Value from = find(input_name(node, 0));
    if (from.kind == Value::kImage || from.kind == Value::kConstant)
      throw UnsupportedError("the input and constants cannot be reshaped");
    const ir::Shape& shape = shape_of(from);
    if (shape.h != 1 || shape.w != 1)
      throw UnsupportedError(
          fmt::format("only [1, 1, C] can be reshaped, not [{}, {}, {}]", shape.h, shape.w, shape.c));
    define(node, from);
  }

  void activate(const NodeProto& node) {
    const Value from = find(input_name(node, 0));
    if (from.kind != Value::kExact)
      throw UnsupportedError("it must stand between an operation and its QuantizeLinear");
    ir::Activation activation = ir::Activation::kRelu;
    if (node.op_type() == "Clip") {
      const auto bound = [&](int i) {
        return has_input(node, i) ? constant(node.input(i)).floats : std::vector<float>{};
      };
      if (bound(1) != std::vector{0.0F} || bound(2) != std::vector{6.0F})
        throw UnsupportedError("only Clip from 0 to 6 is supported");
      activation = ir::Activation::kRelu6;
    }
    graph_.layers[at(from.index)].activation = activation;
    define(node, from);
  }

  // -- layers ----------------------------------------------------------------------------------------------

  /// Index of the dequantized tensor that is input i.
  int real_input(const NodeProto& node, int i) const {
    const Value value = find(input_name(node, i));
    if (value.kind != Value::kReal) throw UnsupportedError(fmt::format("input {} is not dequantized", i));
    return value.index;
  }

  void add_layer(const NodeProto& node, const ir::Layer& layer, int out_channels,
                 ir::QuantParameters parameters) {
    std::optional<ir::Shape> second;
    if (layer.inputs[1] >= 0) second = graph_.tensors[at(layer.inputs[1])];
    const ir::Shape shape =
        ir::infer_output(layer, graph_.tensors[at(layer.inputs[0])], second, out_channels);
    if (shape.h > kMostPixels || shape.w > kMostPixels || shape.elements() > kMostElements)
      throw UnsupportedError("its result is too large");
    shapes_.push_back(shape);
    graph_.layers.push_back(layer);
    graph_.names.push_back(node.name());
    graph_.quant->layers.push_back(std::move(parameters));
    define(node, {Value::kExact, static_cast<int>(graph_.layers.size()) - 1});
  }

  const QuantizedConstant& weights_of(const NodeProto& node, std::size_t rank) const {
    const Value value = find(input_name(node, 1));
    if (value.kind != Value::kConstant) throw UnsupportedError("the weights must be a dequantized constant");
    const QuantizedConstant& weights = dequantized_[at(value.index)];
    const auto& dims = weights.values.dims;
    if (dims.size() != rank ||
        std::any_of(dims.begin(), dims.end(), [](auto d) { return d < 1 || d > kMostChannels; }))
      throw UnsupportedError(fmt::format("the weights must have {} dimensions, none empty", rank));
    return weights;
  }

  void bias_of(const NodeProto& node, int in, ir::QuantParameters& to) const {
    const float in_scale = graph_.quant->tensors[at(in)].scale;
    if (!has_input(node, 2)) {
      to.bias.assign(to.weight_scale.size(), 0);
    } else if (const auto value = values_.find(node.input(2)); value == values_.end()) {
      round_bias(constant(node.input(2)).floats, in_scale, to);
    } else {
      if (value->second.kind != Value::kConstant) throw UnsupportedError("the bias must be a constant");
      read_bias(dequantized_[at(value->second.index)], in_scale, to);
    }
  }

  /// Kernel, strides and padding of a Conv or a pool.
  static void read_window(const NodeProto& node, ir::Layer& layer) {
    const Attributes attributes(node);
    if (attributes.text("auto_pad", "NOTSET") != "NOTSET")
      throw UnsupportedError("auto_pad is not supported; write the pads out");
    for (const std::int64_t dilation : attributes.integers("dilations", {1, 1}))
      if (dilation != 1) throw UnsupportedError("dilations are not supported");
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

  void convolution(const NodeProto& node) {
    ir::Layer layer{.inputs = {real_input(node, 0), -1}};
    const QuantizedConstant& weights = weights_of(node, 4);
    const auto& dims = weights.values.dims;
    layer.kernel_h = static_cast<std::int16_t>(within(dims[2], 1, kMostPixels, "kernel height"));
    layer.kernel_w = static_cast<std::int16_t>(within(dims[3], 1, kMostPixels, "kernel width"));
    const ir::Layer of_weights = layer;
    read_window(node, layer);
    if (layer.kernel_h != of_weights.kernel_h || layer.kernel_w != of_weights.kernel_w)
      throw UnsupportedError("kernel_shape differs from the shape of the weights");

    const int in_channels = graph_.tensors[at(layer.inputs[0])].c;
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
    bias_of(node, layer.inputs[0], parameters);
    add_layer(node, layer, static_cast<int>(dims[0]), std::move(parameters));
  }

  void dense(const NodeProto& node) {
    const Attributes attributes(node);
    attributes.require("transA", 0, 0);
    if (attributes.number("alpha", 1) != 1 || attributes.number("beta", 1) != 1)
      throw UnsupportedError("alpha and beta must be 1");
    const ir::Layer layer{.op = ir::OpKind::kDense, .inputs = {real_input(node, 0), -1}};
    const QuantizedConstant& weights = weights_of(node, 2);
    const bool out_first = attributes.integer("transB", 0) != 0;
    const std::int64_t in = weights.values.dims[out_first ? 1 : 0];
    const std::int64_t out = weights.values.dims[out_first ? 0 : 1];
    if (in != graph_.tensors[at(layer.inputs[0])].c)
      throw UnsupportedError(
          fmt::format("weights for {} inputs, the input has {}", in, graph_.tensors[at(layer.inputs[0])].c));
    ir::QuantParameters parameters;
    read_weights(weights, out_first ? WeightLayout::kOutIn : WeightLayout::kInOut, 1, parameters);
    bias_of(node, layer.inputs[0], parameters);
    add_layer(node, layer, static_cast<int>(out), std::move(parameters));
  }

  /// Operations without weights.
  void plain(const NodeProto& node, ir::OpKind op) {
    ir::Layer layer{.op = op, .inputs = {real_input(node, 0), -1}};
    if (ir::op_info(op).inputs == 2) layer.inputs[1] = real_input(node, 1);
    if (op == ir::OpKind::kConcat && node.input_size() != 2)
      throw UnsupportedError("it must join two tensors");
    const Attributes attributes(node);
    if (has_window(op)) {
      read_window(node, layer);
      attributes.require("ceil_mode", 0, 0);
      if (op == ir::OpKind::kAveragePool) attributes.require("count_include_pad", 0, 0);
    }
    if (op == ir::OpKind::kConcat) attributes.require("axis", 1, 1);
    if (op == ir::OpKind::kSoftmax && attributes.integer("axis", -1) != 1) attributes.require("axis", -1, -1);
    if (op == ir::OpKind::kResizeNearest) read_factors(node, layer);
    add_layer(node, layer, 0, {});
  }

  void read_factors(const NodeProto& node, ir::Layer& layer) const {
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

  const ::onnx::GraphProto& proto_;
  std::map<std::string, const ::onnx::TensorProto*> constants_;
  std::map<std::string, Value> values_;
  std::vector<QuantizedConstant> dequantized_;
  std::vector<ir::Shape> shapes_;          ///< per layer: of its result
  std::vector<std::string> tensor_names_;  ///< per tensor: in the file
  ir::Shape image_;
  ir::Graph graph_;
};

}  // namespace

ir::Graph from_proto(const ::onnx::GraphProto& proto) { return Reader(proto).read(); }

}  // namespace tinynas::onnx
