// What only float networks have: batch norms, and integers whose scales are computed.
#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "import/onnx_reader.h"

namespace tinynas::import {

using onnx::NumberType;

/// A factor and a summand a channel, which the layer ahead takes in if it can.
void OnnxReader::batch_norm() {
  const Item read = quantized(0), in = settled(read, roles_of(read.dims.size()));
  constexpr float kEpsilon = 1e-5F;
  const double epsilon = static_cast<double>(number("epsilon", kEpsilon));
  const Constant &gamma = constant(1), &beta = constant(2), &mean = constant(3), &variance = constant(4);
  const std::int64_t channels = in.dims.at(1);
  for (const Constant* one : {&gamma, &beta, &mean, &variance})
    if (static_cast<std::int64_t>(one->size()) != channels)
      throw Refused{fmt::format("it has {} numbers for {} channels", one->size(), channels)};
  std::vector<float> factors, summands;
  for (std::size_t c = 0; c < gamma.size(); ++c) {
    const double factor = gamma.real(c) / std::sqrt(variance.real(c) + epsilon);
    factors.push_back(static_cast<float>(factor));
    summands.push_back(static_cast<float>(beta.real(c) - mean.real(c) * factor));
  }
  Item made = in;
  made.index = add_by_channel("add", add_by_channel("mul", in.index, factors), summands);
  made.stored = false;
  define(std::move(made));
}

/// Its integers count in units of its scale: read as the reals that they stand for, with a scale of 1.
void OnnxReader::quantize_dynamically() {
  Item made = quantized(0);
  made.stored = true;
  made.unit = 1;
  made.zero = 0;
  define(std::move(made));
  const auto define_number = [&](onnx::Tensor tensor, std::size_t output) {
    Item item{.kind = Item::kConstant, .index = static_cast<int>(constants_.size())};
    constants_.push_back({.numbers = std::move(tensor)});
    define(std::move(item), output);
  };
  define_number({.type = NumberType::kFloat, .floats = {1}}, 1);
  define_number({.type = NumberType::kUint8, .integers = {0}}, 2);
}

/// ConvInteger and MatMulInteger: the layer on reals, with weights that undo the input's scale.
void OnnxReader::of_integers() {
  const bool conv_integer = step_->node.op == "ConvInteger";
  Item read = item(0);
  if (read.kind != Item::kTensor || !read.stored) throw Refused{"its input is not quantized"};
  const std::int64_t zero = has(2) && constant(2).size() > 0 ? integers(2)[0] : 0;
  if ((has(2) && constant(2).size() != 1) || zero != read.zero)
    throw Refused{"its zero point is not that with which its input was quantized"};
  Constant weights = constant(1);
  if (weights.numbers.type == NumberType::kFloat || !weights.scales.empty())
    throw Refused{"its weights are no integers"};
  if (has(3)) weights.zero_points = integers(3);
  if (weights.zero_points.empty()) weights.zero_points = {0};
  const std::size_t axis = conv_integer ? 0 : 1;
  if (weights.zero_points.size() > 1 &&
      (axis >= weights.numbers.dims.size() || weights.zero_points.size() != at(weights.numbers.dims[axis])))
    throw Refused{fmt::format("its weights have {} zero points", weights.zero_points.size())};
  weights.axis = static_cast<std::int64_t>(axis);
  weights.scales.assign(weights.zero_points.size(), 1 / read.unit);
  read.stored = false;

  Step on_reals = *step_;
  on_reals.node.inputs = {fmt::format("\x01{} input", step_->number),
                          fmt::format("\x01{} weights", step_->number)};
  items_[on_reals.node.inputs[0]] = read;
  items_[on_reals.node.inputs[1]] = {
      .kind = Item::kConstant, .index = static_cast<int>(constants_.size()), .dims = weights.numbers.dims};
  constants_.push_back(std::move(weights));
  const Step* whole = std::exchange(step_, &on_reals);
  try {
    conv_integer ? conv() : dense();
  } catch (...) {
    step_ = whole;
    throw;
  }
  step_ = whole;
}

/// alpha x + beta, from 0 to 1.
void OnnxReader::hard_sigmoid(Item in, float alpha, float beta) {
  const int line = add_by_channel("add", add_by_channel("mul", in.index, {alpha}), {beta});
  in.index = new_value({});
  value(in).shape = model_.values[at(line)].shape;
  makers_[in.index] = add_node("clip", {line}, {in.index});
  model_.nodes[at(makers_[in.index])].attributes = {{"lowest", 0.0}, {"highest", 1.0}};
  in.stored = false;
  define(std::move(in));
}

/// QONNX: fewer bits than int8 has are another network.
void OnnxReader::quantize_to_bits() {
  const double bits = constant(3).size() == 1 ? constant(3).real(0) : 0;
  constexpr double kOurs = 8;
  if (bits < kOurs)
    throw Refused{fmt::format("it rounds to {} bits, int8 has 8", bits),
                  "the network without Quant nodes, in float, and calibration data"};
  identity();
}

/// Of constants, and of tensors to float.
void OnnxReader::cast() {
  constexpr std::int64_t kFloat = 1, kInt32 = 6, kInt64 = 7;
  const std::int64_t to = integer("to", 0);
  const Item& from = item(0);
  if (from.kind == Item::kConstant) {
    Constant made = constant(0);
    if (made.numbers.type == NumberType::kFloat ? to == kFloat : to == kInt32 || to == kInt64)
      return identity();
    if (to != kFloat || !made.scales.empty()) throw Refused{"it changes the type of a constant"};
    made.numbers.floats.assign(made.numbers.integers.begin(), made.numbers.integers.end());
    made.numbers.integers.clear();
    made.numbers.type = NumberType::kFloat;
    return define_constant(std::move(made));
  }
  Item made = from;
  if (to != kFloat) throw Refused{"it changes the type of a tensor", "QuantizeLinear and DequantizeLinear"};
  if (from.stored && !is_float_)
    throw lacking("it changes the type of a tensor", "QuantizeLinear and DequantizeLinear");
  if (from.stored && (from.unit != 1 || from.zero != 0)) throw Refused{"its integers have a scale"};
  made.stored = false;
  define(std::move(made));
}

}  // namespace tinynas::import
