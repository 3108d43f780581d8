// Nodes that are no layers: they name tensors and constants.
#include <fmt/format.h>

#include <algorithm>

#include "onnx/attributes.h"
#include "onnx/op_names.h"
#include "onnx/reader.h"
#include "tinynas/core/error.h"
#include "tinynas/core/index.h"
#include "tinynas/ir/ops.h"

namespace tinynas::onnx {
namespace {

/// An activation may only vanish into a saturation that does the same.
void check_activation(const ir::Layer& layer, const ir::TensorQuant& quant) {
  if (layer.activation == ir::Activation::kNone) return;
  constexpr float kTolerance = 1.001F;
  if (quant.zero_point != -128)
    throw UnsupportedError("behind a ReLU the smallest int8 must mean 0 (zero point -128, or 0 of uint8)");
  if (layer.activation == ir::Activation::kRelu6 && quant.scale * 255 > 6 * kTolerance)
    throw UnsupportedError("behind a ReLU6 the largest int8 must mean at most 6");
}

}  // namespace

void Reader::read_node(const Node& node) {
  if (!node.domain().empty() && node.domain() != "ai.onnx")
    throw UnsupportedError(fmt::format("operators of '{}' are not supported", node.domain()));
  const std::string& op = node.op_type();
  if (op == "QuantizeLinear") return quantize(node);
  if (op == "DequantizeLinear") return dequantize(node);
  if ((op == "Reshape" || op == "Transpose") && blocks(node)) return;
  if (op == "Flatten" || op == "Reshape" || op == "Squeeze" || op == "Unsqueeze") return reshape(node);
  if (op == "Relu" || op == "Clip") return activate(node);
  if (op == "Transpose") return transpose(node);
  if (op == "Pad") return pad(node);
  if (op == "Gather") return gather(node);
  if (op == "Slice") return slice(node);
  if (op == "Concat" && Attributes(node).integer("axis", 1) == 2) return plain(node, ir::OpKind::kConcatRows);
  if (op == "Conv") return convolution(node);
  if (op == "Gemm" || op == "MatMul") return dense(node);
  if (op == "Add" || op == "Sub") return add(node);
  if (op == "ReduceMean") return mean(node);
  if (op == "Constant") {
    if (const auto* value = Attributes(node).tensor("value"); value != nullptr && node.output_size() > 0) {
      constants_[node.output(0)] = value;
      return;
    }
    throw UnsupportedError("only constant tensors are supported");
  }
  if ((op == "Max" || op == "Min") && node.input_size() == 2 && constants_.contains(node.input(1)))
    return function(node, op == "Max" ? ir::Function::kAtLeast : ir::Function::kAtMost);
  for (const ir::OpInfo& info : ir::kOps)
    if (!info.has_weights && !op.empty() && op == onnx_name({.op = info.kind})) return plain(node, info.kind);
  for (const ir::FunctionInfo& info : ir::kFunctions)
    if (!op.empty() && op == onnx_function(info.kind).name) return function(node, info.kind);
  throw UnsupportedError(
      "this operator is not supported; its kin: Conv, Gemm, Add, Mul, Concat, pools, Softmax, "
      "Resize, Sigmoid, Tanh, LeakyRelu, HardSwish, between QuantizeLinear and DequantizeLinear");
}

/// `is_signed`: the type where no zero point says it.
Reader::StoredQuant Reader::read_quant(const Node& node, bool is_signed) const {
  const Constant scale = constant(input_name(node, 1));
  if (scale.floats.size() != 1) throw UnsupportedError("activations need one scale for the tensor");
  std::int64_t zero_point = 0;
  if (has_input(node, 2)) {
    const Constant given = constant(node.input(2));
    if (given.integers.size() != 1) throw UnsupportedError("activations need one zero point for the tensor");
    zero_point = given.integers[0];
    is_signed = !given.is_unsigned;
  }
  constexpr int kUnsignedZero = 128;  // uint8 values become int8 by subtracting it
  zero_point -= is_signed ? 0 : kUnsignedZero;
  return {{.scale = scale.floats[0], .zero_point = within(zero_point, -128, 127, "zero point")}, is_signed};
}

int Reader::new_tensor(const ir::Shape& shape, const StoredQuant& stored, const std::string& name) {
  graph_.tensors.push_back(shape);
  graph_.quant->tensors.push_back(stored.quant);
  is_signed_.push_back(stored.is_signed);
  tensor_names_.push_back(name);
  return graph_.tensor_count() - 1;
}

void Reader::quantize(const Node& node) {
  const Value from = find(input_name(node, 0));
  const StoredQuant stored = read_quant(node, false);  // the default type is uint8
  int tensor = from.index;
  if (from.kind == Value::kImage) {
    Input& input = inputs_[at(from.index)];
    if (input.tensor >= 0 || !graph_.layers.empty())
      throw UnsupportedError("the input must be quantized first, and once");
    input.tensor = tensor = new_tensor(input.shape, stored, node.output_size() > 0 ? node.output(0) : "");
  } else if (from.kind == Value::kExact) {
    ir::Layer& layer = graph_.layer(from.index);
    if (layer.output >= 0) throw UnsupportedError("a result may be quantized only once");
    check_activation(layer, stored.quant);
    tensor = new_tensor(shapes_[at(from.index)], stored, node.output_size() > 0 ? node.output(0) : "");
    layer.output = tensor;
    layer.activation = ir::Activation::kNone;
  } else if (from.kind != Value::kReal || graph_.quant_of(tensor) != stored.quant) {
    throw UnsupportedError("changing the scale of a tensor without an operation is not supported");
  }
  define(node, {Value::kQuantized, tensor});
}

void Reader::dequantize(const Node& node) {
  const std::string name = input_name(node, 0);
  if (constants_.contains(name)) return dequantize_constant(node, name);
  Value from = find(name);
  if (from.kind == Value::kBytes) {
    Input& input = inputs_[at(from.index)];
    input.tensor = new_tensor(input.shape, read_quant(node, input.signed_bytes), name);
    from = {Value::kQuantized, input.tensor};
    values_[name] = from;
  }
  if (from.kind != Value::kQuantized) throw UnsupportedError("its input is not quantized");
  if (read_quant(node, is_signed_[at(from.index)]).quant != graph_.quant_of(from.index))
    throw UnsupportedError("its scale or zero point differs from the QuantizeLinear before it");
  define(node, {Value::kReal, from.index});
}

void Reader::dequantize_constant(const Node& node, const std::string& name) {
  QuantizedConstant result{.values = constant(name), .scale = constant(input_name(node, 1)).floats};
  if (has_input(node, 2)) result.zero_point = constant(node.input(2)).integers;
  result.axis = Attributes(node).integer("axis", 1);
  if (result.scale.empty()) throw UnsupportedError("its scale is not float");
  define(node, {Value::kConstant, static_cast<int>(dequantized_.size())});
  dequantized_.push_back(std::move(result));
}

const ir::Shape& Reader::shape_of(const Value& value) const {
  return value.kind == Value::kExact ? shapes_[at(value.index)] : graph_.tensor(value.index);
}

/// Views of [1, 1, C] only: nothing moves.
void Reader::reshape(const Node& node) {
  const Value from = find(input_name(node, 0));
  if (from.kind == Value::kImage || from.kind == Value::kBytes || from.kind == Value::kConstant)
    throw UnsupportedError("the input and constants cannot be reshaped");
  if (from.kind == Value::kLast) return reshape_rows(node, from.index);
  const ir::Shape& shape = shape_of(from);
  if (shape.h != 1 || shape.w != 1)
    throw UnsupportedError(
        fmt::format("only [1, 1, C] can be reshaped, not [{}, {}, {}]", shape.h, shape.w, shape.c));
  define(node, from);
}

/// Behind an operation it may vanish into the saturation; of a tensor it is a layer.
void Reader::activate(const Node& node) {
  const Value from = find(input_name(node, 0));
  ir::Function function = ir::Function::kRelu;
  if (node.op_type() == "Clip") {
    const auto bound = [&](int i) {
      return has_input(node, i) ? constant(node.input(i)).floats : std::vector<float>{};
    };
    const auto found = std::ranges::find_if(kOnnxFunctions, [&](const OnnxFunction& known) {
      return known.bounds && bound(1) == std::vector{(*known.bounds)[0]} &&
             bound(2) == std::vector{(*known.bounds)[1]};
    });
    if (found == kOnnxFunctions.end())
      throw UnsupportedError("only Clip from 0 to 6 and from -1 to 1 is supported");
    function = static_cast<ir::Function>(found - kOnnxFunctions.begin());
  }
  if (from.kind == Value::kReal) return this->function(node, function);
  if (from.kind != Value::kExact || function == ir::Function::kReluN1To1)
    throw UnsupportedError("it must stand between an operation and its QuantizeLinear");
  graph_.layer(from.index).activation =
      function == ir::Function::kRelu6 ? ir::Activation::kRelu6 : ir::Activation::kRelu;
  define(node, from);
}

}  // namespace tinynas::onnx
