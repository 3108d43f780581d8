// QuantizeLinear and DequantizeLinear.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include "import/onnx_reader.h"

namespace tinynas::import {
namespace {

constexpr const char* kQuantizeAll =
    "QuantizeLinear and DequantizeLinear around every operator (quantize_static with QuantFormat.QDQ writes "
    "so)";

constexpr double kSteps = 255;

bool same_numbers(const Value& a, const Value& b) {
  return a.type == b.type && a.scales == b.scales && a.zero_points == b.zero_points;
}

}  // namespace

/// Scale and zero point of a node, one of each; type kOther where no zero point says it.
Value OnnxReader::read_quant() const {
  const Constant& scale = constant(1);
  if (scale.numbers.floats.size() != 1)
    throw Refused{fmt::format("its tensor has {} scales", scale.numbers.floats.size()),
                  "one scale a tensor, and more for weights only"};
  Value quant{.scales = {scale.numbers.floats[0]}, .zero_points = {0}};
  if (has(2)) {
    quant.zero_points = integers(2);
    quant.type = plain_type(constant(2).numbers.type);
    if (quant.zero_points.size() != 1) throw Refused{"its tensor has not one zero point"};
  }
  return quant;
}

/// Also all whose quantization it passes on.
void OnnxReader::quantize_value(int value, const Value& quant) {
  for (int one = value; one >= 0;) {
    Value& to = model_.values[at(one)];
    to.type = quant.type;
    to.scales = quant.scales;
    to.zero_points = quant.zero_points;
    const auto next = same_as_.find(one);
    one = next == same_as_.end() ? -1 : next->second;
  }
}

bool OnnxReader::is_quantized(const Item& item) {
  return item.kind == Item::kTensor && value(item).type != Type::kFloat32 && !value(item).scales.empty();
}

/// The same as layers read it.
Item OnnxReader::quantized(std::size_t input) { return as_image(tensor_input(input)); }

/// An input as the reals that int8 numbers mean.
Item OnnxReader::tensor_input(std::size_t input) {
  Item read = item(input);
  if (read.kind == Item::kConstant)
    throw Refused{fmt::format("its input {} is a constant", input),
                  "constants as weights, biases and factors only"};
  if (is_float_) return read;
  if (read.exact && readers_[step_->node.inputs[input]] == 1 && derive_quant(read)) read.exact = false;
  if (read.exact || !is_quantized(read)) {
    const bool is_input = !makers_.contains(read.index);
    if (!is_input && !is_quantized(read))  // this refusal says enough
      model_.nodes[at(makers_.at(read.index))].op = "unread";
    throw lacking(is_input ? "it reads the float input" : fmt::format("its input {} is not quantized", input),
                  kQuantizeAll);
  }
  if (read.stored) throw Refused{fmt::format("its input {} is int8, and was not dequantized", input)};
  return read;
}

/// What only moves values keeps their scale.
void OnnxReader::same_quant(int value, const Item& as) {
  const Value& from = model_.values[at(as.index)];
  if (from.type == Type::kFloat32)
    same_as_[value] = as.index;
  else
    quantize_value(value, from);
}

/// A sum whose scale no QuantizeLinear states, of int8 values and a constant: its range follows from theirs.
bool OnnxReader::derive_quant(const Item& read) {
  const auto maker = makers_.find(read.index);
  if (maker == makers_.end() || is_quantized(read)) return false;
  const Node& node = model_.nodes[at(maker->second)];
  if ((node.op != "add" && node.op != "sub") || node.attributes.contains("activation")) return false;
  const Value &in = model_.values[at(node.inputs[0])], &summand = model_.values[at(node.inputs[1])];
  if (!summand.constant || in.type == Type::kFloat32 || in.scales.size() != 1 || in.zero_points.size() != 1)
    return false;
  const double scale = static_cast<double>(in.scales[0]);
  const double lowest =
      scale * ((in.type == Type::kUint8 ? 0 : -128) - static_cast<double>(in.zero_points[0]));
  double least = 0, most = 0;
  for (std::size_t i = 0; i < summand.constant->count / sizeof(float); ++i) {
    float number = 0;
    std::memcpy(&number, model_.data.data() + summand.constant->first + i * sizeof(float), sizeof(float));
    const double shift = node.op == "add" ? static_cast<double>(number) : -static_cast<double>(number);
    least = std::min(least, lowest + shift);
    most = std::max(most, lowest + kSteps * scale + shift);
  }
  const double step = (most - least) / kSteps;
  quantize_value(read.index, {.type = Type::kInt8,
                              .scales = {static_cast<float>(step)},
                              .zero_points = {std::lround(-128 - least / step)}});
  return true;
}

/// Quantizers leave relus to the saturation: a range that begins at 0 says that there was one.
int OnnxReader::saturated_at_0(int value, const Value& quant) {
  constexpr std::array<std::string_view, 6> kBelow0 = {"conv", "depthwise", "dense", "add", "sub", "mul"};
  const std::int64_t least = quant.type == Type::kUint8 ? 0 : -128;
  const auto maker = makers_.find(value);
  if (quant.zero_points[0] != least || maker == makers_.end() ||
      std::ranges::find(kBelow0, model_.nodes[at(maker->second)].op) == kBelow0.end())
    return value;
  const int made = new_value({});
  model_.values[at(made)].shape = model_.values[at(value)].shape;
  makers_[made] = add_node("relu", {value}, {made});
  return made;
}

void OnnxReader::quantize() {
  if (item(0).kind == Item::kConstant) return quantize_constant();
  Value quant = read_quant();
  if (quant.type == Type::kOther && has(2)) throw Refused{"it makes neither int8 nor uint8"};
  if (quant.type == Type::kOther) quant.type = Type::kUint8;  // by default
  Item from = item(0);
  if (from.stored) throw Refused{"its input is int8 already"};
  from.stored = true;
  if (is_float_) {
    from.unit = quant.scales[0];
    from.zero = quant.zero_points[0];
    from.index = saturated_at_0(from.index, quant);
    return define(std::move(from));
  }
  Value& read = value(from);
  if (from.exact) {
    if (is_quantized(from) && !same_numbers(read, quant))
      throw Refused{"its input is quantized elsewhere, too, with another scale", "one scale a tensor"};
    quantize_value(from.index, quant);
    from.exact = false;
    return define(std::move(from));
  }
  if (is_quantized(from) && same_numbers(read, quant)) return define(std::move(from));
  // The float input, or another scale of what is int8 already.
  const int made = new_value({});
  Value& to = model_.values[at(made)];
  to.type = quant.type;
  to.scales = quant.scales;
  to.zero_points = quant.zero_points;
  if (InputAxes* axes = input_axes(from)) {
    to.shape.clear();  // the first layer says it
    if (!axes->roles.empty() && !axes->values.empty()) to.shape = model_.values[at(axes->values[0])].shape;
    axes_of_[made] = axes_of_.at(from.index);
    axes->values.push_back(made);
  } else {
    to.shape = value(from).shape;
  }
  makers_[made] = add_node("quantize", {from.index}, {made});
  from.index = made;
  define(std::move(from));
}

void OnnxReader::dequantize() {
  if (item(0).kind == Item::kConstant) return dequantize_constant();
  Value quant = read_quant();
  Item from = item(0);
  if (!from.stored) throw Refused{"its input is float"};
  Value& read = value(from);
  if (is_float_ && (read.type == Type::kFloat32 || !read.scales.empty())) {
    if (quant.scales[0] != from.unit || quant.zero_points[0] != from.zero)
      throw Refused{"its scale or zero point is not that with which its input was quantized"};
    from.stored = false;
    return define(std::move(from));
  }
  if (quant.type == Type::kOther) quant.type = read.type;
  if (quant.type != read.type) throw Refused{"its zero point is of another type than its input"};
  if (read.scales.empty()) {  // an int8 input of the network
    if (const InputAxes* axes = input_axes(from)) quantize_value(axes->end, quant);
    quantize_value(from.index, quant);
  } else if (!same_numbers(read, quant)) {
    throw Refused{"its scale or zero point is not that with which its input was quantized"};
  }
  from.stored = false;
  from.unit = quant.scales[0];
  from.zero = quant.zero_points[0];
  define(std::move(from));
}

namespace {

std::int64_t axis_of(std::int64_t axis, const onnx::Tensor& tensor) {
  return axis < 0 ? axis + static_cast<std::int64_t>(tensor.dims.size()) : axis;
}

void check_scales(const Constant& constant) {
  const auto& dims = constant.numbers.dims;
  const std::size_t scales = constant.scales.size(), zeros = constant.zero_points.size();
  if (scales == 0) throw Refused{"its scale is not float"};
  if (zeros > 0 && zeros != scales)
    throw Refused{fmt::format("it has {} scales and {} zero points", scales, zeros)};
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  for (const std::int64_t zero : constant.zero_points)
    if (zero < -kMost || zero > kMost) throw Refused{fmt::format("its zero point is {}", zero)};
  if (scales == 1) return;
  if (constant.axis < 0 || constant.axis >= static_cast<std::int64_t>(dims.size()) ||
      dims[at(constant.axis)] != static_cast<std::int64_t>(scales))
    throw Refused{fmt::format("it has {} scales along dimension {} of [{}]", scales, constant.axis,
                              fmt::join(dims, ", "))};
}

}  // namespace

void OnnxReader::dequantize_constant() {
  Constant made = constant(0);
  if (made.numbers.type == onnx::NumberType::kFloat) throw Refused{"its input is float"};
  if (integer("block_size", 0) != 0) throw Refused{"its scales are for blocks", "a scale an output channel"};
  made.scales = constant(1).numbers.floats;
  if (has(2)) made.zero_points = integers(2);
  if (made.zero_points.size() == 1) made.zero_points.assign(made.scales.size(), made.zero_points[0]);
  made.axis = axis_of(integer("axis", 1), made.numbers);
  check_scales(made);
  define_constant(std::move(made));
}

/// Training tools leave weights in float, ahead of a QuantizeLinear.
void OnnxReader::quantize_constant() {
  Constant made = constant(0);
  if (made.numbers.type != onnx::NumberType::kFloat) throw Refused{"its input is not float"};
  made.scales = constant(1).numbers.floats;
  made.numbers.type = onnx::NumberType::kUint8;
  if (has(2)) {
    made.zero_points = integers(2);
    made.numbers.type = constant(2).numbers.type;
  }
  if (made.zero_points.size() == 1) made.zero_points.assign(made.scales.size(), made.zero_points[0]);
  made.axis = axis_of(integer("axis", 1), made.numbers);
  check_scales(made);
  const bool is_signed = made.numbers.type != onnx::NumberType::kUint8;
  for (std::size_t i = 0; i < made.numbers.floats.size(); ++i) {
    const std::size_t k = made.quant_index(i);
    const float zero = made.zero_points.empty() ? 0 : static_cast<float>(made.zero_points[k]);
    const float least = is_signed ? -128 : 0;
    const float rounded = std::nearbyint(made.numbers.floats[i] / made.scales[k]) + zero;  // ties to even
    if (std::isnan(rounded)) throw Refused{"its constant holds no number"};
    made.numbers.integers.push_back(static_cast<std::int64_t>(std::clamp(rounded, least, least + 255)));
  }
  made.numbers.floats.clear();
  made.scales.clear();
  made.zero_points.clear();
  define_constant(std::move(made));
}

}  // namespace tinynas::import
