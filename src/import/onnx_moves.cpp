// Values that change place: nodes of the plain model on tensors that keep the file's own shape.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "import/onnx_reader.h"

namespace tinynas::import {
namespace {

using Sizes = std::vector<std::int64_t>;

std::int64_t from_front(std::int64_t axis, std::size_t rank) {
  const std::int64_t made = axis < 0 ? axis + static_cast<std::int64_t>(rank) : axis;
  if (made < 0 || made >= static_cast<std::int64_t>(rank))
    throw Refused{fmt::format("its axis {} is none of {}", axis, rank)};
  return made;
}

Sizes ascending(std::size_t count) {
  Sizes numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

}  // namespace

/// What a node that only moves values makes of a tensor, in a shape of the file.
Item OnnxReader::moved(std::string op, const Item& from, const Sizes& shape, const Sizes* numbers) {
  std::vector<int> inputs = {from.index};
  if (numbers != nullptr) inputs.push_back(keep(Type::kInt32, {std::ssize(*numbers)}, *numbers));
  Item made = from;
  made.index = new_value({});
  model_.values[at(made.index)].shape = shape;
  same_quant(made.index, from);
  makers_[made.index] = add_node(std::move(op), std::move(inputs), {made.index});
  made.dims = shape;
  made.axes.assign(shape.size(), "");
  made.apart = true;
  made.opaque = false;
  return made;
}

Item OnnxReader::turned(const Item& from, const Sizes& order) {
  Sizes shape;
  for (const std::int64_t axis : order) shape.push_back(from.dims[at(axis)]);
  return moved("transpose", from, shape, &order);
}

/// The tensor in the file's own shape and order.
Item OnnxReader::taken_apart(const Item& from) {
  if (from.apart) return from;
  Item item = from;
  if (input_axes(item) != nullptr) item = settled(item, roles_of(item.dims.size()));
  const Sizes dims = item.dims;
  if (!item.opaque) {
    Sizes order = {0};  // of the tensor's dimensions; those that the file lacks are 1
    std::string letters;
    for (const std::string& axis : item.axes) letters += axis;
    for (const char letter : letters) order.push_back(static_cast<std::int64_t>(kLetters.find(letter)));
    for (std::int64_t axis = 1; axis < 4; ++axis)
      if (std::ranges::find(order, axis) == order.end()) order.insert(order.begin() + 1, axis);
    item.dims = value(item).shape;
    if (item.dims.size() != 4 || order.size() != 4) throw Refused{"its input has no rows, columns, channels"};
    if (order != ascending(4)) item = turned(item, order);
  }
  return moved("reshape", item, dims);
}

/// As layers read it: [N, C, H, W], [N, C, H] or [N, C].
Item OnnxReader::as_image(const Item& from) {
  if (!from.apart) return from;
  const std::size_t rank = from.dims.size();
  if (rank < 2 || rank > 4 || from.dims[0] != 1)
    throw Refused{fmt::format("its input has shape [{}]", fmt::join(from.dims, ", ")),
                  "[1, C, H, W], [1, C, H] or [1, C]"};
  Sizes order = {0};
  for (std::size_t i = 2; i < rank; ++i) order.push_back(static_cast<std::int64_t>(i));
  order.push_back(1);
  Item last = rank == 2 ? from : turned(from, order);
  const Sizes shape = {1, rank > 2 ? from.dims[2] : 1, rank > 3 ? from.dims[3] : 1, from.dims[1]};
  if (rank < 4) last = moved("reshape", last, shape);
  Item made = image_item(last.index, rank);
  made.exact = from.exact, made.stored = from.stored, made.unit = from.unit, made.zero = from.zero;
  return made;
}

/// A tensor that moves, quantized or before its QuantizeLinear.
Item OnnxReader::moving_input(std::size_t input) {
  const Item& read = item(input);
  const bool pending = read.kind == Item::kTensor && read.exact && !is_quantized(read);
  return taken_apart(pending || (read.stored && is_quantized(read)) ? read : tensor_input(input));
}

void OnnxReader::slice() {
  const Item from = moving_input(0);
  const std::size_t rank = from.dims.size();
  const Sizes starts = has(1) ? integers(1) : integers("starts", {}),
              ends = has(2) ? integers(2) : integers("ends", {}),
              axes = has(3) ? integers(3) : integers("axes", ascending(starts.size())),
              steps = has(4) ? integers(4) : Sizes(starts.size(), 1);
  if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size())
    throw Refused{"its starts, ends, axes and steps are not as many"};
  Sizes begin(rank, 0), end = from.dims, step(rank, 1), shape = from.dims;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const std::size_t axis = at(from_front(axes[i], rank));
    const std::int64_t size = from.dims[axis];
    constexpr std::int64_t kMostStep = 1 << 24;
    if (steps[i] == 0 || std::abs(steps[i]) > kMostStep)
      throw Refused{fmt::format("its step is {}", steps[i])};
    const bool forward = steps[i] > 0;
    const auto inside = [&](std::int64_t index) {
      index = std::clamp<std::int64_t>(index, -2 * kMostStep, 2 * kMostStep);
      if (index < 0) index += size;
      return std::clamp<std::int64_t>(index, forward ? 0 : -1, forward ? size : size - 1);
    };
    begin[axis] = inside(starts[i]), step[axis] = steps[i];
    const std::int64_t last = inside(ends[i]), way = forward ? last - begin[axis] : begin[axis] - last;
    shape[axis] = (way + std::abs(step[axis]) - 1) / std::abs(step[axis]);
    if (way < 1) throw Refused{"it leaves nothing"};
    end[axis] = begin[axis] + shape[axis] * step[axis];  // below 0: before the first
    if (end[axis] < 0) end[axis] -= size;
  }
  Item made = moved("strided_slice", from, shape, &begin);
  Node& node = model_.nodes[at(makers_[made.index])];
  for (const Sizes& numbers : {end, step})
    node.inputs.push_back(keep(Type::kInt32, {static_cast<std::int64_t>(rank)}, numbers));
  define(std::move(made));
}

void OnnxReader::split() {
  const Item from = moving_input(0);
  const std::size_t axis = at(from_front(integer("axis", 0), from.dims.size()));
  const std::int64_t parts = std::ssize(step_->node.outputs), size = from.dims[axis];
  const std::int64_t part = (size + parts - 1) / std::max<std::int64_t>(parts, 1);
  Sizes sizes;
  for (std::int64_t i = 0; i < parts; ++i) sizes.push_back(std::min(part, size - i * part));
  sizes = has(1) ? integers(1) : integers("split", sizes);
  for (const std::int64_t one : sizes)
    if (one < 1 || one > size) throw Refused{fmt::format("a part has size {}", one)};
  if (std::ssize(sizes) != parts || std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0}) != size)
    throw Refused{fmt::format("it splits {} into [{}]", size, fmt::join(sizes, ", "))};
  const int kept = keep(Type::kInt32, {parts}, sizes);
  const int along = keep(Type::kInt32, {}, {static_cast<std::int64_t>(axis)});
  std::vector<Item> made;
  std::vector<int> outputs;
  for (std::int64_t i = 0; i < parts; ++i) {
    Item& one = made.emplace_back(from);
    one.dims[axis] = sizes[at(i)];
    one.index = new_value({});
    model_.values[at(one.index)].shape = one.dims;
    same_quant(one.index, from);
    outputs.push_back(one.index);
  }
  const int node = add_node("split_v", {from.index, kept, along}, outputs);
  for (std::int64_t i = 0; i < parts; ++i) {
    makers_[made[at(i)].index] = node;
    define(std::move(made[at(i)]), at(i));
  }
}

void OnnxReader::gather_values() {
  const Item from = moving_input(0);
  const std::size_t axis = at(from_front(integer("axis", 0), from.dims.size()));
  const Sizes indices = integers(1), &places = constant(1).numbers.dims;
  Sizes shape(from.dims.begin(), from.dims.begin() + static_cast<std::ptrdiff_t>(axis));
  shape.insert(shape.end(), places.begin(), places.end());
  shape.insert(shape.end(), from.dims.begin() + static_cast<std::ptrdiff_t>(axis) + 1, from.dims.end());
  for (const std::int64_t index : indices)
    if (index < -from.dims[axis] || index >= from.dims[axis])
      throw Refused{fmt::format("it takes number {} of {}", index, from.dims[axis])};
  Item made = moved("gather", from, shape, &indices);
  model_.nodes[at(makers_[made.index])].attributes["axis"] = static_cast<std::int64_t>(axis);
  define(std::move(made));
}

/// Tensors joined along another dimension than the channels.
void OnnxReader::join_values() {
  std::vector<int> inputs;
  Item result;
  Sizes shape;
  bool same = true;
  const Item first = tensor_input(0);
  const std::size_t axis = at(from_front(integer("axis", 1), first.dims.size()));
  // Images stay images, of which rows or columns are joined.
  const bool images = !first.apart && !first.opaque && first.dims.size() > 2 && axis > 1;
  for (std::size_t i = 0; i < step_->node.inputs.size(); ++i) {
    const Item read = tensor_input(i);
    Item one = images ? settled(as_image(read), roles_of(read.dims.size())) : taken_apart(read);
    const Sizes& own = images ? value(one).shape : one.dims;
    const std::size_t along = images ? axis - 1 : axis;
    if (i == 0) result = one, shape = own;
    bool fits = own.size() == shape.size();
    for (std::size_t d = 0; fits && d < own.size(); ++d) fits = d == along || own[d] == shape[d];
    if (!fits)
      throw Refused{
          fmt::format("its inputs have shapes [{}] and [{}]", fmt::join(shape, ", "), fmt::join(own, ", "))};
    if (i > 0) shape[along] += own[along], result.dims[axis] += one.dims[axis];
    const Value &a = value(one), &b = model_.values[at(result.index)];
    same = same && a.type == b.type && a.scales == b.scales && a.zero_points == b.zero_points;
    inputs.push_back(one.index);
  }
  const Value quant = model_.values[at(inputs[0])];
  const int made = new_value({});
  model_.values[at(made)].shape = shape;
  makers_[made] = add_node("concat", std::move(inputs), {made});
  model_.nodes[at(makers_[made])].attributes["axis"] = static_cast<std::int64_t>(images ? axis - 1 : axis);
  result.index = made;
  result.exact = !same;
  if (images) result.axes[axis] = std::string(1, "NCHW"[axis]);
  if (same) quantize_value(made, quant);
  define(std::move(result));
}

}  // namespace tinynas::import
