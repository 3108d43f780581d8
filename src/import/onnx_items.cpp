// Names, attributes and constants of an ONNX file.
#include <fmt/format.h>

#include <cstring>
#include <limits>

#include "import/onnx_reader.h"
#include "tinynas/core/error.h"

namespace tinynas::import {
namespace {

using onnx::NumberType;

/// An attribute of this type, nullptr where it is not given.
template <typename T>
const T* file_attribute(const onnx::FileNode& node, const std::string& name) {
  const auto found = node.attributes.find(name);
  if (found == node.attributes.end()) return nullptr;
  const T* value = std::get_if<T>(&found->second);
  if (value == nullptr)
    throw IoError(fmt::format("damaged: attribute '{}' of '{}' has the wrong type", name, node.op));
  return value;
}

template <typename T>
void append_number(std::string& bytes, std::int64_t number) {
  const T stored = static_cast<T>(number);
  bytes.append(reinterpret_cast<const char*>(&stored), sizeof(stored));
}

}  // namespace

Type plain_type(NumberType type) {
  switch (type) {
    case NumberType::kFloat:
      return Type::kFloat32;
    case NumberType::kInt8:
      return Type::kInt8;
    case NumberType::kUint8:
      return Type::kUint8;
    case NumberType::kInt32:
      return Type::kInt32;
    case NumberType::kInt64:
      return Type::kInt64;
    case NumberType::kOther:
      break;
  }
  return Type::kOther;
}

std::size_t Constant::quant_index(std::size_t i) const {
  if (scales.size() <= 1) return 0;
  std::size_t inner = 1;
  for (std::size_t d = at(axis) + 1; d < numbers.dims.size(); ++d) inner *= at(numbers.dims[d]);
  return i / inner % scales.size();
}

double Constant::real(std::size_t i) const {
  if (numbers.type == NumberType::kFloat) return static_cast<double>(numbers.floats[i]);
  if (scales.empty()) return static_cast<double>(numbers.integers[i]);
  const std::size_t k = quant_index(i);
  const double zero = zero_points.empty() ? 0 : static_cast<double>(zero_points[k]);
  return static_cast<double>(scales[k]) * (static_cast<double>(numbers.integers[i]) - zero);
}

bool OnnxReader::has(std::size_t input) const {
  return input < step_->node.inputs.size() && !step_->node.inputs[input].empty();
}

const Item& OnnxReader::item(std::size_t input) const {
  if (!has(input)) throw Refused{fmt::format("its input {} is missing", input)};
  return items_.at(step_->node.inputs[input]);  // follow_unknown() has seen that it is there
}

const Constant& OnnxReader::constant(std::size_t input) const {
  const Item& found = item(input);
  if (found.kind != Item::kConstant)
    throw Refused{fmt::format("its input {} '{}' is computed, and must be a constant", input,
                              step_->node.inputs[input])};
  const Constant& constant = constants_[at(found.index)];
  if (!constant.numbers.unreadable.empty()) throw Refused{constant.numbers.unreadable};
  return constant;
}

std::vector<std::int64_t> OnnxReader::integers(std::size_t input) const {
  const Constant& found = constant(input);
  if (found.numbers.type == NumberType::kFloat)
    throw Refused{fmt::format("its input {} must be of integers", input)};
  return found.numbers.integers;
}

void OnnxReader::define(Item item, std::size_t output) {
  if (output >= step_->node.outputs.size()) throw IoError("damaged: a node has no output");
  const std::string& name = step_->node.outputs[output];
  item.exact = item.exact && !is_float_;  // float layers round nothing
  if (!name.empty() && !items_.emplace(name, std::move(item)).second)
    throw IoError(fmt::format("damaged: '{}' is made a second time", name));
}

void OnnxReader::define_constant(Constant constant) {
  Item item{
      .kind = Item::kConstant, .index = static_cast<int>(constants_.size()), .dims = constant.numbers.dims};
  constants_.push_back(std::move(constant));
  define(std::move(item));
}

std::int64_t OnnxReader::integer(const std::string& name, std::int64_t otherwise) const {
  const auto* found = file_attribute<std::int64_t>(step_->node, name);
  return found == nullptr ? otherwise : *found;
}

std::vector<std::int64_t> OnnxReader::integers(const std::string& name,
                                               std::vector<std::int64_t> otherwise) const {
  const auto* found = file_attribute<std::vector<std::int64_t>>(step_->node, name);
  return found == nullptr ? otherwise : *found;
}

float OnnxReader::number(const std::string& name, float otherwise) const {
  const auto* found = file_attribute<float>(step_->node, name);
  return found == nullptr ? otherwise : *found;
}

std::string OnnxReader::text(const std::string& name, const std::string& otherwise) const {
  const auto* found = file_attribute<std::string>(step_->node, name);
  return found == nullptr ? otherwise : *found;
}

void OnnxReader::constant_node() {
  if (const auto* tensor = file_attribute<onnx::Tensor>(step_->node, "value"))
    return define_constant({.numbers = *tensor});
  onnx::Tensor made;
  if (const auto* numbers = file_attribute<std::vector<std::int64_t>>(step_->node, "value_ints"))
    made = {.type = NumberType::kInt64,
            .dims = {static_cast<std::int64_t>(numbers->size())},
            .integers = *numbers};
  else if (const auto* one = file_attribute<std::int64_t>(step_->node, "value_int"))
    made = {.type = NumberType::kInt64, .integers = {*one}};
  else if (const auto* reals = file_attribute<std::vector<float>>(step_->node, "value_floats"))
    made = {.type = NumberType::kFloat, .dims = {static_cast<std::int64_t>(reals->size())}, .floats = *reals};
  else if (const auto* real = file_attribute<float>(step_->node, "value_float"))
    made = {.type = NumberType::kFloat, .floats = {*real}};
  else
    throw Refused{"it is no tensor of numbers"};
  define_constant({.numbers = std::move(made)});
}

/// A tensor that the node makes, in float until a QuantizeLinear says its scale.
int OnnxReader::new_value(const Image& image) {
  const int made = static_cast<int>(model_.values.size());
  model_.values.push_back(
      {.name = step_->made, .type = Type::kFloat32, .shape = {1, image.h, image.w, image.c}});
  return made;
}

/// Nodes may share a constant, and each gets it in its own order: what that takes is bounded by the file.
void OnnxReader::keep_bytes(Value& value, const void* bytes, std::size_t count) {
  constexpr std::size_t kMostCopies = 16, kFree = 1 << 20;
  if (model_.data.size() + count > kMostCopies * file_.bytes + kFree)
    throw Refused{"the nodes of the file share its constants too often"};
  value.constant = Value::Extent{model_.data.size(), count};
  model_.data.append(static_cast<const char*>(bytes), count);
}

int OnnxReader::keep(Type type, std::vector<std::int64_t> shape, const std::vector<std::int64_t>& numbers) {
  std::string bytes;
  for (const std::int64_t number : numbers) {
    if (type == Type::kInt32)
      append_number<std::int32_t>(bytes, number);
    else
      append_number<std::uint8_t>(bytes, number);
  }
  Value value{.name = step_->made, .type = type, .shape = std::move(shape)};
  keep_bytes(value, bytes.data(), bytes.size());
  model_.values.push_back(std::move(value));
  return static_cast<int>(model_.values.size()) - 1;
}

int OnnxReader::keep(std::vector<std::int64_t> shape, const std::vector<float>& numbers) {
  Value value{.name = step_->made, .type = Type::kFloat32, .shape = std::move(shape)};
  keep_bytes(value, numbers.data(), numbers.size() * sizeof(float));
  model_.values.push_back(std::move(value));
  return static_cast<int>(model_.values.size()) - 1;
}

/// A layer's weights in another order: number i is the constant's from[i], or 0 where that is -1.
int OnnxReader::keep_weights(const Constant& weights, std::vector<std::int64_t> shape,
                             const std::vector<std::int64_t>& from, double factor) {
  if (is_float_) {
    std::vector<float> reals;
    for (const std::int64_t i : from)
      reals.push_back(i < 0 ? 0 : static_cast<float>(factor * weights.real(at(i))));
    return keep(std::move(shape), reals);
  }
  std::vector<std::int64_t> numbers;
  const std::int64_t zero = weights.zero_points.empty() ? 0 : weights.zero_points[0];
  for (const std::int64_t i : from) numbers.push_back(i < 0 ? zero : weights.numbers.integers[at(i)]);
  const int kept = keep(plain_type(weights.numbers.type), std::move(shape), numbers);
  Value& stored = model_.values[at(kept)];
  stored.scales = weights.scales;
  stored.zero_points = weights.zero_points;
  return kept;
}

}  // namespace tinynas::import
