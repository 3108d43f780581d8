// Activations, sums and products, and what else has no weights.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "import/onnx_reader.h"

namespace tinynas::import {
namespace {

Image image_of(const Value& value) {
  return value.shape.size() == 4 ? Image{value.shape[1], value.shape[2], value.shape[3]} : Image{};
}

std::size_t letter_index(char letter) { return std::string_view("NHWC").find(letter); }

}  // namespace

void OnnxReader::activate() { saturate("relu", 0, std::numeric_limits<double>::infinity()); }

void OnnxReader::clip() {
  double lowest = -std::numeric_limits<double>::infinity(), highest = -lowest;
  const auto bound = [&](std::size_t input, const char* name, double& to) {
    if (has(input)) {
      if (constant(input).size() != 1) throw Refused{"its bound is no single number"};
      to = constant(input).real(0);
    } else if (step_->node.attributes.contains(name)) {
      to = static_cast<double>(number(name, 0));
    }
  };
  bound(1, "min", lowest);
  bound(2, "max", highest);
  constexpr double kRelu6 = 6;
  const bool from_0 = lowest == 0;
  saturate(from_0 && highest == kRelu6                                    ? "relu6"
           : from_0 && highest == std::numeric_limits<double>::infinity() ? "relu"
           : lowest == -1 && highest == 1                                 ? "relu_n1_to_1"
                                                                          : "clip",
           lowest, highest);
}

/// It vanishes into the saturation of what it reads, or becomes a node that changes the range.
void OnnxReader::saturate(const std::string& activation, double lowest, double highest) {
  Item from = item(0);
  if (from.kind == Item::kTensor && from.exact) {
    if (readers_[step_->node.inputs[0]] > 1 || is_quantized(from))
      throw lacking("others read what it reads, before it",
                    "QuantizeLinear and DequantizeLinear ahead of it");
    Node& maker = model_.nodes[at(makers_.at(from.index))];
    if (maker.attributes.contains("activation") && maker.text("activation", "") != activation)
      throw Refused{"two activations follow one another", "one activation"};
    maker.attributes["activation"] = activation;
    maker.attributes["lowest"] = lowest;
    maker.attributes["highest"] = highest;
    return define(std::move(from));
  }
  from = quantized(0);
  if (input_axes(from) != nullptr) from = settled(from, roles_of(from.dims.size()));
  const std::vector<std::int64_t> shape = value(from).shape;
  from.index = new_value({});
  value(from).shape = shape;
  from.exact = true;
  const int node = add_node(activation, {item(0).index}, {from.index});
  makers_[from.index] = node;
  model_.nodes[at(node)].attributes = {{"lowest", lowest}, {"highest", highest}};
  define(std::move(from));
}

/// Add, Sub, Mul, Div.
void OnnxReader::combine() {
  const bool first = item(0).kind == Item::kConstant, second = item(1).kind == Item::kConstant;
  const std::string& op = step_->node.op;
  if (first && second) return combine_constants();
  if (op == "Add" && add_bias()) return;
  if (second) return combine_constant(0);
  if (first && op != "Div") return combine_constant(1);
  if (op == "Div") throw Refused{"there is no layer that computes it", "Add and Mul"};
  Item a = quantized(0), b = quantized(1);
  for (Item* one : {&a, &b})
    if (input_axes(*one) != nullptr) *one = settled(*one, roles_of(one->dims.size()));
  const bool swapped = a.dims.size() < b.dims.size();
  if (swapped) std::swap(a, b);
  if (a.opaque || b.opaque) throw Refused{"its input is reshaped so that dimensions are divided"};
  Item result = a;
  const std::size_t ahead = a.dims.size() - b.dims.size();
  for (std::size_t i = 0; i < b.dims.size(); ++i) {
    const bool fits = b.dims[i] == 1 || a.dims[ahead + i] == 1 ||
                      (b.dims[i] == a.dims[ahead + i] && b.axes[i] == a.axes[ahead + i]);
    if (!fits)
      throw Refused{fmt::format("its inputs have shapes [{}] and [{}], or are transposed differently",
                                fmt::join(a.dims, ", "), fmt::join(b.dims, ", ")),
                    "two tensors of one shape, or a factor a channel"};
    if (a.dims[ahead + i] == 1) {
      result.dims[ahead + i] = b.dims[i];
      result.axes[ahead + i] = b.axes[i];
    }
  }
  const int made = new_value({});
  std::vector<std::int64_t>& shape = model_.values[at(made)].shape;
  for (std::size_t i = 0; i < shape.size(); ++i)
    shape[i] = std::max(value(a).shape.at(i), value(b).shape.at(i));
  if (swapped) std::swap(a, b);
  const std::string_view ours = op == "Add"   ? "add"
                                : op == "Sub" ? "sub"
                                : op == "Max" ? "maximum"
                                : op == "Min" ? "minimum"
                                              : "mul";
  makers_[made] = add_node(std::string(ours), {a.index, b.index}, {made});
  result.index = made;
  result.exact = true;
  define(std::move(result));
}

/// Of two tensors, or of a tensor and a number: a bound of its values.
void OnnxReader::extreme() {
  const bool largest = step_->node.op == "Max";
  if (step_->node.inputs.size() != 2) throw Refused{"it is not of two", "Max and Min of two"};
  const bool first = item(0).kind == Item::kConstant, second = item(1).kind == Item::kConstant;
  if (!first && !second) return combine();
  if (first) throw Refused{"its first input is a constant", "the constant as its second input"};
  const Constant& bounds = constant(1);
  if (bounds.size() != 1) throw Refused{"its constant is no single number", "one number for all"};
  const double bound = bounds.real(0), none = std::numeric_limits<double>::infinity();
  saturate(largest && bound == 0 ? "relu" : "clip", largest ? bound : -none, largest ? none : bound);
}

/// An Add of a constant behind a layer with weights is its bias.
bool OnnxReader::add_bias() {
  for (const std::size_t i : {std::size_t{0}, std::size_t{1}}) {
    const Item from = item(i);
    if (from.kind != Item::kTensor || !from.exact || item(1 - i).kind != Item::kConstant) continue;
    const int index = makers_.at(from.index);
    const Node& node = model_.nodes[at(index)];
    const Value* weights = node.inputs.size() == 2 ? &model_.values[at(node.inputs[1])] : nullptr;
    if (weights == nullptr || !weights->constant || weights->scales.empty() ||
        node.attributes.contains("activation") || readers_[step_->node.inputs[i]] > 1 || is_quantized(from))
      continue;
    channel_numbers(constant(1 - i), from);
    const auto bias = bias_value(node, constant(1 - i));
    if (!bias) throw Refused{"its constant is not one a channel", "a bias a channel"};
    model_.nodes[at(index)].inputs.push_back(*bias);
    define(from);
    return true;
  }
  return false;
}

/// One number for all, or one a channel.
std::vector<float> OnnxReader::channel_numbers(const Constant& constant, const Item& with) const {
  std::vector<std::int64_t> dims = constant.numbers.dims;
  const auto fits = [&] {
    while (dims.size() > with.dims.size() && dims.front() == 1) dims.erase(dims.begin());
    if (dims.size() > with.dims.size()) return false;
    const std::size_t ahead = with.dims.size() - dims.size();
    for (std::size_t i = 0; i < dims.size(); ++i)
      if (dims[i] != 1 && (dims[i] != with.dims[ahead + i] || with.axes[ahead + i] != "C")) return false;
    return true;
  };
  if (!fits() || constant.size() == 0)
    throw Refused{fmt::format("its constant has shape [{}], its input [{}]",
                              fmt::join(constant.numbers.dims, ", "), fmt::join(with.dims, ", ")),
                  "a constant a channel"};
  if (constant.scales.empty() && constant.numbers.type != onnx::NumberType::kFloat)
    throw Refused{"its constant is of integers"};
  std::vector<float> numbers;
  for (std::size_t i = 0; i < constant.size(); ++i) numbers.push_back(static_cast<float>(constant.real(i)));
  return numbers;
}

/// One number for all, one a channel, or one for each row, column and channel of the tensor (or where it has
/// 1, for all): then [1, H, W, C].
std::pair<std::vector<float>, std::vector<std::int64_t>> OnnxReader::numbers_for(const Constant& constant,
                                                                                 const Item& with) {
  std::vector<std::int64_t> dims = constant.numbers.dims;
  while (dims.size() > with.dims.size() && dims.front() == 1) dims.erase(dims.begin());
  const std::size_t ahead = with.dims.size() - std::min(dims.size(), with.dims.size());
  bool fits = dims.size() <= with.dims.size() && !with.opaque && !with.apart, beyond = false;
  for (std::size_t i = 0; fits && i < dims.size(); ++i) {
    const std::string& axis = with.axes[ahead + i];
    fits = dims[i] == 1 || (dims[i] == with.dims[ahead + i] && axis.size() == 1);
    beyond = beyond || (dims[i] != 1 && axis != "C");
  }
  if (!fits || !beyond) return {channel_numbers(constant, with), {}};
  if (constant.scales.empty() && constant.numbers.type != onnx::NumberType::kFloat)
    throw Refused{"its constant is of integers"};
  std::array<std::int64_t, 4> sizes = {1, 1, 1, 1}, steps = {};  // N, H, W, C
  std::int64_t step = 1;
  for (std::size_t i = dims.size(); i-- > 0; step *= dims[i])
    if (dims[i] != 1) {
      const std::size_t d = letter_index(with.axes[ahead + i][0]);
      sizes.at(d) = dims[i];
      steps.at(d) = step;
    }
  std::vector<float> numbers;
  for (std::int64_t y = 0; y < sizes[1]; ++y)
    for (std::int64_t x = 0; x < sizes[2]; ++x)
      for (std::int64_t c = 0; c < sizes[3]; ++c)
        numbers.push_back(static_cast<float>(constant.real(at(y * steps[1] + x * steps[2] + c * steps[3]))));
  return {std::move(numbers), {sizes.begin(), sizes.end()}};
}

void OnnxReader::combine_constant(std::size_t tensor_input) {
  Item in = quantized(tensor_input);
  if (input_axes(in) != nullptr) in = settled(in, roles_of(in.dims.size()));
  const auto [numbers_read, shape] = numbers_for(constant(1 - tensor_input), in);
  std::vector<float> numbers = numbers_read;
  const std::string& op = step_->node.op;
  if (op == "Div")
    for (float& number : numbers) number = 1 / number;
  in.index = add_by_channel(op == "Add" ? "add" : op == "Sub" ? "sub" : "mul", in.index, numbers, shape);
  if (tensor_input == 1) {
    Node& made = model_.nodes[at(makers_.at(in.index))];
    std::swap(made.inputs[0], made.inputs[1]);
  }
  in.exact = true;
  in.stored = false;
  define(std::move(in));
}

/// A node that adds numbers, or multiplies by them: one for all, or one a channel.
int OnnxReader::add_by_channel(const std::string& op, int from, const std::vector<float>& numbers,
                               std::vector<std::int64_t> shape) {
  for (const float number : numbers)
    if (!std::isfinite(number)) throw Refused{"its constant holds no number"};
  if (shape.empty()) shape = {static_cast<std::int64_t>(numbers.size())};
  const int kept = keep(std::move(shape), numbers);
  const int made = new_value({});
  model_.values[at(made)].shape = model_.values[at(from)].shape;
  makers_[made] = add_node(op, {from, kept}, {made});
  return made;
}

/// Scales are multiplied by one another ahead of the network.
void OnnxReader::combine_constants() {
  const Constant &a = constant(0), &b = constant(1);
  const std::size_t count = std::max(a.size(), b.size());
  if ((a.size() != 1 && a.size() != count) || (b.size() != 1 && b.size() != count) || count == 0)
    throw Refused{"it combines constants of different shapes"};
  const std::string& op = step_->node.op;
  onnx::Tensor made{.type = a.numbers.type, .dims = a.size() == count ? a.numbers.dims : b.numbers.dims};
  for (std::size_t i = 0; i < count; ++i) {
    const double x = a.real(a.size() == 1 ? 0 : i), y = b.real(b.size() == 1 ? 0 : i);
    const double number = op == "Add" ? x + y : op == "Sub" ? x - y : op == "Mul" ? x * y : x / y;
    made.floats.push_back(static_cast<float>(number));
  }
  if (made.type != onnx::NumberType::kFloat) {
    constexpr float kMost = 1 << 24;  // up to which floats are whole
    for (const float number : made.floats) {
      if (!(std::abs(number) < kMost)) throw Refused{"its constants are too large"};
      made.integers.push_back(static_cast<std::int64_t>(number));
    }
    made.floats.clear();
  }
  define_constant({.numbers = std::move(made)});
}

/// Whether a Concat is along the channels of images.
bool OnnxReader::joins_channels() const {
  const Item& first = item(0);
  const auto rank = static_cast<std::int64_t>(first.dims.size());
  const std::int64_t given = integer("axis", 1), axis = given < 0 ? given + rank : given;
  if (axis < 0 || axis >= rank) return true;  // which says what is wrong
  for (std::size_t i = 0; i < step_->node.inputs.size(); ++i)
    if (item(i).kind != Item::kTensor) return true;
  for (std::size_t i = 0; i < step_->node.inputs.size(); ++i)
    if (item(i).opaque || item(i).apart) return false;
  const std::string& letters = first.axes[at(axis)];
  return axes_of_.contains(first.index)
             ? axis == 1
             : letters == "C" || (letters.empty() && std::ranges::find(first.axes, "C") == first.axes.end());
}

void OnnxReader::concat() {
  const std::size_t count = step_->node.inputs.size();
  bool constants = count > 0;
  for (std::size_t i = 0; i < count; ++i) constants = constants && item(i).kind == Item::kConstant;
  if (constants) return join_constants();
  if (!joins_channels()) return join_values();
  Item result;
  std::vector<int> inputs;
  bool same = true;
  std::int64_t channels = 0;
  for (std::size_t i = 0; i < count; ++i) {
    Item one = quantized(i);
    if (input_axes(one) != nullptr) one = settled(one, roles_of(one.dims.size()));
    const auto rank = static_cast<std::int64_t>(one.dims.size());
    const std::int64_t given = integer("axis", 1), axis = given < 0 ? given + rank : given;
    if (i == 0) result = one;
    bool fits = axis >= 0 && axis < rank && !one.opaque && result.dims.size() == one.dims.size();
    for (std::int64_t d = 0; fits && d < rank; ++d)
      fits = d == axis ? one.axes[at(d)] == "C" || (one.axes[at(d)].empty() && value(one).shape.at(3) == 1)
                       : one.dims[at(d)] == result.dims[at(d)] && one.axes[at(d)] == result.axes[at(d)] &&
                             one.axes[at(d)].find('C') == std::string::npos;
    if (!fits) throw Refused{"it does not join along the channels", "tensors joined along the channels"};
    channels += one.dims[at(axis)];
    if (i > 0) result.dims[at(axis)] = channels;
    result.axes[at(axis)] = "C";
    const Value &a = value(one), &b = model_.values[at(inputs.empty() ? one.index : inputs[0])];
    same = same && a.type == b.type && a.scales == b.scales && a.zero_points == b.zero_points;
    inputs.push_back(one.index);
  }
  if (inputs.empty()) throw Refused{"it joins nothing"};
  const std::vector<std::int64_t> shape = model_.values[at(inputs[0])].shape;
  const Value quant = model_.values[at(inputs[0])];
  const int made = new_value({shape.at(1), shape.at(2), channels});
  makers_[made] = add_node("concat", std::move(inputs), {made});
  model_.nodes[at(makers_[made])].attributes["axis"] = std::int64_t{-1};
  result.index = made;
  result.exact = !same;
  if (same) quantize_value(made, quant);
  define(std::move(result));
}

void OnnxReader::softmax() {
  Item in = quantized(0);
  if (input_axes(in) != nullptr) in = settled(in, roles_of(in.dims.size()));
  constexpr std::int64_t kLastByDefault = 13;  // the first opset whose axis is one alone
  const bool one = integer("opset", file_.opset) >= kLastByDefault;
  const auto rank = static_cast<std::int64_t>(in.dims.size());
  std::int64_t axis = integer("axis", one ? -1 : 1);
  if (axis < 0) axis += rank;
  std::string over, all;
  for (std::int64_t i = 0; i < rank; ++i) {
    all += in.axes[at(i)];
    if (one ? i == axis : i >= axis) over += in.axes[at(i)];
  }
  if (in.opaque || axis < 0 || axis >= rank ||
      (over != "C" && !(over.empty() && all.find('C') == std::string::npos)))
    throw Refused{"it is not over the channels", "Softmax over the channels"};
  const int made = new_value({});
  model_.values[at(made)].shape = value(in).shape;
  makers_[made] = add_node(step_->node.op == "Softmax" ? "softmax" : "log_softmax", {in.index}, {made});
  in.index = made;
  in.exact = true;
  define(std::move(in));
}

void OnnxReader::function() {
  Item in = quantized(0);
  if (input_axes(in) != nullptr) in = settled(in, roles_of(in.dims.size()));
  const std::string& op = step_->node.op;
  if (op == "HardSigmoid") {
    constexpr float kAlpha = 1.0F / 6, kBeta = 0.5F, kRounding = 1e-4F, kDefaultAlpha = 0.2F;
    const float alpha = number("alpha", kDefaultAlpha), beta = number("beta", kBeta);
    const bool ours = std::abs(alpha - kAlpha) <= kRounding && std::abs(beta - kBeta) <= kRounding;
    if (!ours && is_float_) return hard_sigmoid(std::move(in), alpha, beta);
    if (!ours) throw Refused{fmt::format("its alpha and beta are {} and {}", alpha, beta), "1/6 and 0.5"};
  }
  double alpha = 0;
  if (op == "Elu" && number("alpha", 1) != 1) throw Refused{"its alpha is not 1", "alpha 1"};
  constexpr float kDefaultSlope = 0.01F;
  if (op == "LeakyRelu") alpha = static_cast<double>(number("alpha", kDefaultSlope));
  int slopes = -1;
  if (op == "PRelu") {
    const std::vector<float> numbers = channel_numbers(constant(1), in);
    slopes = keep({static_cast<std::int64_t>(numbers.size())}, numbers);
  }
  constexpr std::array<std::array<std::string_view, 2>, 7> kNames = {{{"Sigmoid", "sigmoid"},
                                                                      {"HardSwish", "hard_swish"},
                                                                      {"HardSigmoid", "hard_sigmoid"},
                                                                      {"Tanh", "tanh"},
                                                                      {"Elu", "elu"},
                                                                      {"LeakyRelu", "leaky_relu"},
                                                                      {"PRelu", "prelu"}}};
  const int made = new_value({});
  model_.values[at(made)].shape = value(in).shape;
  for (const auto& [theirs, ours] : kNames)
    if (op == theirs) makers_[made] = add_node(std::string(ours), {in.index}, {made});
  if (slopes >= 0) model_.nodes[at(makers_.at(made))].inputs.push_back(slopes);
  model_.nodes[at(makers_.at(made))].attributes["alpha"] = alpha;
  in.index = made;
  in.exact = true;
  define(std::move(in));
}

/// What a resize makes of each dimension.
std::vector<std::int64_t> OnnxReader::new_sizes(const Item& in) {
  const bool upsample = step_->node.op == "Upsample";
  const std::size_t scales = upsample || step_->node.inputs.size() == 2 ? 1 : 2;
  std::vector<std::int64_t> sizes;
  if (has(3)) {
    sizes = integers(3);
  } else {
    const std::vector<float> factors = constant(scales).numbers.floats;
    if (factors.size() != in.dims.size()) throw Refused{"it has not one factor a dimension"};
    constexpr float kMost = 32767;
    for (std::size_t i = 0; i < factors.size(); ++i) {
      const float size = static_cast<float>(in.dims[i]) * factors[i];
      if (!(factors[i] > 0) || !(size >= 1) || size > kMost || size != std::floor(size))
        throw Refused{fmt::format("its factor is {}", factors[i]), "whole factors"};
      sizes.push_back(static_cast<std::int64_t>(size));
    }
  }
  if (sizes.size() != in.dims.size() || sizes[0] != 1 || sizes[1] != in.dims[1])
    throw Refused{"it changes more than rows and columns"};
  return sizes;
}

/// Nearest neighbours by whole factors, where all ways to round choose the same, and by others as TFLite
/// rounds; bilinear.
void OnnxReader::resize() {
  Item read = item(0);
  if (!(read.stored && is_quantized(read))) read = quantized(0);
  const Item in = settled(read, roles_of(read.dims.size()));
  const bool upsample = step_->node.op == "Upsample";
  const std::string where = text("coordinate_transformation_mode", upsample ? "asymmetric" : "half_pixel"),
                    rounding = text("nearest_mode", upsample ? "floor" : "round_prefer_floor"),
                    mode = text("mode", "nearest");
  const std::vector<std::int64_t> sizes = new_sizes(in);
  const std::int64_t h = sizes.size() > 2 ? sizes[2] : 1, w = sizes.size() > 3 ? sizes[3] : 1;
  const Image from = image_of(value(in));
  const bool whole = h % from.h == 0 && w % from.w == 0, linear = mode == "linear";
  const bool centred = where.ends_with("half_pixel"), corners = where == "align_corners",
             edges = where == "asymmetric";
  const bool known = linear ? (centred && (where == "half_pixel" || (h > 1 && w > 1))) || corners || edges
                            : (edges && rounding == "floor") ||
                                  (whole && centred && rounding.starts_with("round_prefer")) ||
                                  (corners && rounding == "round_prefer_ceil");
  if ((mode != "nearest" && !linear) || !known || integer("antialias", 0) != 0)
    throw Refused{fmt::format("its mode is {}, {}, {}", mode, where, rounding),
                  "mode linear; or nearest, asymmetric, floor"};
  const int to = keep(Type::kInt32, {2}, {h, w});
  const int made = new_value({h, w, in.dims[1]});
  makers_[made] = add_node(linear ? "resize_bilinear" : "resize_nearest", {in.index, to}, {made});
  model_.nodes[at(makers_[made])].attributes = {{"align_corners", std::int64_t{corners}},
                                                {"half_pixel", std::int64_t{linear && centred}}};
  same_quant(made, in);
  Item result = image_item(made, in.dims.size());
  result.exact = false;
  result.stored = in.stored;
  result.unit = in.unit;
  result.zero = in.zero;
  define(std::move(result));
}

void OnnxReader::space_to_depth() {
  Item read = item(0);
  if (!(read.stored && is_quantized(read))) read = quantized(0);
  const Item in = settled(read, roles_of(read.dims.size()));
  const std::int64_t block = integer("blocksize", 0);
  if (in.dims.size() != 4 || block < 1 || in.dims[2] % block != 0 || in.dims[3] % block != 0)
    throw Refused{fmt::format("its input is [{}], its blocksize {}", fmt::join(in.dims, ", "), block)};
  const int made = new_value({in.dims[2] / block, in.dims[3] / block, in.dims[1] * block * block});
  makers_[made] = add_node("space_to_depth", {in.index}, {made});
  model_.nodes[at(makers_[made])].attributes = {{"block", block}};
  same_quant(made, in);
  Item result = image_item(made, in.dims.size());
  result.stored = in.stored;
  define(std::move(result));
}

void OnnxReader::depth_to_space() {
  Item read = item(0);
  if (!(read.stored && is_quantized(read))) read = quantized(0);
  const Item in = settled(read, roles_of(read.dims.size()));
  const std::int64_t block = integer("blocksize", 0);
  if (in.dims.size() != 4 || block < 1 || block > in.dims[1] || in.dims[1] % (block * block) != 0)
    throw Refused{fmt::format("its input is [{}], its blocksize {}", fmt::join(in.dims, ", "), block)};
  const int made = new_value({in.dims[2] * block, in.dims[3] * block, in.dims[1] / (block * block)});
  makers_[made] = add_node("depth_to_space", {in.index}, {made});
  model_.nodes[at(makers_[made])].attributes = {
      {"block_h", block}, {"block_w", block}, {"order", text("mode", "DCR")}};
  same_quant(made, in);
  Item result = image_item(made, in.dims.size());
  result.stored = in.stored;
  define(std::move(result));
}

void OnnxReader::pad() {
  Item read = item(0);
  if (!(read.stored && is_quantized(read))) read = quantized(0);
  const Item in = input_axes(read) != nullptr ? settled(read, roles_of(read.dims.size())) : read;
  const std::string mode = text("mode", "constant");
  if (mode != "constant" && mode != "edge" && mode != "reflect")
    throw Refused{"it pads with what it reads (mode " + mode + ")", "padding with zeros"};
  const std::vector<std::int64_t> pads = has(1) ? integers(1) : integers("pads", {});
  const std::size_t rank = in.dims.size();
  if (pads.size() != 2 * rank || has(3) || in.opaque) throw Refused{"it needs two numbers a dimension"};
  const Value quant = value(in);
  const bool zeros = mode == "constant";
  const std::int64_t stored_zero = is_float_ || quant.zero_points.empty() ? in.zero : quant.zero_points[0];
  if (zeros && has(2)) {
    const Constant& filled = constant(2);
    const double zero = in.stored ? static_cast<double>(stored_zero) : 0;
    if (filled.size() != 1 || filled.real(0) != zero)
      throw Refused{"it pads with another value than 0", "zeros"};
  } else if (zeros && in.stored && stored_zero != 0) {
    throw Refused{"it pads with another value than 0", "zeros"};
  }
  if (number("value", 0) != 0) throw Refused{"it pads with another value than 0", "zeros"};
  std::vector<std::int64_t> sizes(8), shape = quant.shape;
  Item result = in;
  for (std::size_t i = 0; i < rank; ++i) {
    const std::int64_t before = pads[i], after = pads[rank + i];
    if (before == 0 && after == 0) continue;
    constexpr std::int64_t kMost = 32767;
    if (before < 0 || after < 0 || before > kMost || after > kMost || in.axes[i].size() != 1)
      throw Refused{fmt::format("it pads dimension {} by {} and {}", i, before, after)};
    const std::size_t d = letter_index(in.axes[i][0]);
    sizes[2 * d] = before;
    sizes[2 * d + 1] = after;
    shape.at(d) += before + after;
    result.dims[i] += before + after;
  }
  const int to = keep(Type::kInt32, {4, 2}, sizes);
  const int made = new_value({});
  model_.values[at(made)].shape = shape;
  quantize_value(made, quant);
  makers_[made] = add_node(zeros ? "pad" : "mirror_pad", {in.index, to}, {made});
  if (!zeros) model_.nodes[at(makers_[made])].attributes = {{"mode", mode}};
  result.index = made;
  result.exact = false;
  define(std::move(result));
}

}  // namespace tinynas::import
