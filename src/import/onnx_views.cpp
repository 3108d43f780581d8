// Reshapes and transposes: how the file sees a tensor.
#include <fmt/format.h>

#include <algorithm>

#include "import/onnx_reader.h"
#include "tinynas/core/error.h"

namespace tinynas::import {
namespace {

constexpr const char* kFewerMoves = "reshapes ahead of dense layers only, and channels in one place";

std::string letters_of(const Item& item) {
  std::string letters;
  for (const std::string& axis : item.axes) letters += axis;
  return letters;
}

/// Saturated: sizes may be anything.
std::int64_t product(const std::vector<std::int64_t>& sizes) {
  constexpr std::int64_t kMost = std::int64_t{1} << 40, kMostSize = std::int64_t{1} << 20;
  std::int64_t all = 1;
  for (const std::int64_t size : sizes)
    all = std::min(all * std::clamp(size, std::int64_t{0}, kMostSize), kMost);
  return all;
}

std::string sizes_text(const std::vector<std::int64_t>& sizes) {
  return fmt::format("[{}]", fmt::join(sizes, ", "));
}

}  // namespace

std::string roles_of(std::size_t rank) { return rank == 2 ? "NC" : rank == 3 ? "NCH" : "NCHW"; }

/// A tensor as nodes make it: [1, C, H, W], [1, C, H] or [1, C].
Item OnnxReader::image_item(int value, std::size_t rank) const {
  const std::vector<std::int64_t>& shape = model_.values[at(value)].shape;
  Item item{.kind = Item::kTensor, .index = value, .exact = true};
  item.dims = {1};
  item.axes = {""};
  for (const char letter : std::string_view("CHW").substr(0, std::max<std::size_t>(rank, 2) - 1)) {
    item.dims.push_back(shape[kLetters.find(letter)]);
    item.axes.emplace_back(item.dims.back() > 1 ? 1U : 0U, letter);
  }
  return item;
}

InputAxes* OnnxReader::input_axes(const Item& item) {
  const auto found = axes_of_.find(item.index);
  return found == axes_of_.end() ? nullptr : &inputs_[at(found->second)];
}

std::int64_t OnnxReader::axis_size(const Item& item, char letter) const {
  if (letter < 'a') return model_.values[at(item.index)].shape[kLetters.find(letter)];
  return inputs_[at(axes_of_.at(item.index))].sizes[static_cast<std::size_t>(letter - 'a')];
}

/// The first layer that reads an input says what its dimensions are. '*' in roles: channels, as many as there
/// are.
void OnnxReader::settle_input(InputAxes& axes, const Item& item, const std::string& roles) {
  std::map<char, char> role_of;
  Image image;
  for (std::size_t i = 0; i < roles.size(); ++i) {
    const char role = roles[i] == '*' ? 'C' : roles[i];
    for (const char letter : item.axes[i]) role_of[letter] = role;
    (role == 'H' ? image.h : role == 'W' ? image.w : image.c) *= role == 'N' ? 1 : item.dims[i];
    std::string sorted = item.axes[i];
    std::sort(sorted.begin(), sorted.end());
    if (sorted != item.axes[i])
      throw Refused{"it reads the input transposed and flattened", "the input in the order that layers read"};
  }
  axes.roles.clear();
  std::string order;  // of the file's dimensions
  for (std::size_t i = 0; i < axes.sizes.size(); ++i) {
    const auto found = role_of.find(static_cast<char>('a' + i));
    axes.roles += found == role_of.end() ? '-' : found->second;
    if (found != role_of.end() && (order.empty() || order.back() != found->second)) order += found->second;
  }
  if (axes.roles.empty()) axes.roles = "-";
  const bool in_order = std::string_view("HWC").find(order) != std::string_view::npos || order == "HC";
  if (!in_order) model_.values[at(axes.end)].order = order;
  for (const int value : axes.values) model_.values[at(value)].shape = {1, image.h, image.w, image.c};
}

/// A tensor whose dimensions must be these: "NCHW", "NC"; '*' takes any that follow one another.
Item OnnxReader::settled(const Item& given, const std::string& roles) {
  const Item item = given.apart || given.opaque ? as_image(taken_apart(given)) : given;
  Item made = item;
  if (item.dims.size() != roles.size() || roles.empty())
    throw Refused{fmt::format("its input has shape {}", sizes_text(item.dims)),
                  "[N, C, H, W], [N, C, H] or [N, C]"};
  if (roles[0] == 'N' && item.dims[0] != 1)
    throw Refused{
        fmt::format("its input has shape {}: the first size, the batch, must be 1", sizes_text(item.dims)),
        "export the network for one input at a time"};
  if (InputAxes* axes = input_axes(item)) {
    if (item.generation != axes->generation) throw Refused{"the input is reshaped in two ways"};
    if (axes->roles.empty()) settle_input(*axes, item, roles);
    for (std::string& axis : made.axes) {
      std::string letters;
      for (const char letter : axis) {
        if (letter < 'a')
          letters += letter;
        else if (const char role = axes->roles[static_cast<std::size_t>(letter - 'a')];
                 letters.empty() || letters.back() != role)
          letters += role;
      }
      axis = letters;
    }
  }
  for (std::size_t i = 0; i < roles.size(); ++i)
    if (roles[i] != '*' && !made.axes[i].empty() && made.axes[i] != std::string(1, roles[i]))
      throw Refused{fmt::format("its input {} is transposed or reshaped: dimension {} must be {}, and is {}",
                                sizes_text(item.dims), i, roles[i], made.axes[i]),
                    kFewerMoves};
  return made;
}

/// Dimensions may be joined and taken apart again. Those of an input may be divided until a layer reads it.
Item OnnxReader::reshaped(const Item& item, std::vector<std::int64_t> dims) {
  for (std::size_t i = 0; i < dims.size(); ++i)
    if (dims[i] == 0 && i < item.dims.size()) dims[i] = item.dims[i];
  const std::int64_t all = product(item.dims);
  if (const auto open = std::find(dims.begin(), dims.end(), -1); open != dims.end()) {
    *open = 1;
    if (const std::int64_t others = product(dims); others > 0) *open = all / others;
  }
  if (std::any_of(dims.begin(), dims.end(), [](std::int64_t dim) { return dim < 1; }) || product(dims) != all)
    throw Refused{fmt::format("it makes {} of {}", sizes_text(dims), sizes_text(item.dims))};
  Item made = item;
  made.dims = dims;
  made.axes.assign(dims.size(), "");
  if (item.apart) return moved("reshape", item, dims);
  if (item.opaque) return made;
  const std::string letters = letters_of(item);
  std::size_t next = 0;
  bool fits = true;
  for (std::size_t i = 0; i < dims.size(); ++i) {
    std::int64_t size = 1;
    for (; size < dims[i] && next < letters.size(); ++next) {
      size *= axis_size(item, letters[next]);
      made.axes[i] += letters[next];
    }
    fits = fits && size == dims[i];
  }
  if (fits) return made;
  InputAxes* axes = input_axes(item);
  if (axes != nullptr && axes->roles.empty() && item.generation == axes->generation &&
      std::is_sorted(letters.begin(), letters.end())) {
    axes->sizes = dims;
    made.generation = ++axes->generation;
    for (std::size_t i = 0; i < dims.size(); ++i)
      made.axes[i] = std::string(dims[i] > 1 ? 1U : 0U, static_cast<char>('a' + i));
    return made;
  }
  if (std::string_view("HWC").find(letters) == std::string_view::npos && letters != "HC")
    return moved("reshape", taken_apart(item), dims);
  made.opaque = true;
  return made;
}

/// A reshape of a tensor or a constant.
void OnnxReader::move(const Item& from, const std::vector<std::int64_t>& dims) {
  if (from.kind == Item::kTensor) return define(reshaped(from, dims));
  Constant made = constants_[at(from.index)];
  Item as{.dims = made.numbers.dims};
  as.opaque = true;
  const std::vector<std::int64_t> before = made.numbers.dims;
  made.numbers.dims = reshaped(as, dims).dims;
  if (made.scales.size() > 1) {  // the dimension that has them must stay one
    const auto ahead = product({before.begin(), before.begin() + made.axis});
    std::int64_t found = -1, size = 1;
    for (std::size_t i = 0; i < made.numbers.dims.size(); size *= made.numbers.dims[i++])
      if (size == ahead && made.numbers.dims[i] == before[at(made.axis)])
        found = static_cast<std::int64_t>(i);
    if (found < 0) throw Refused{"it divides the dimension that has a scale each"};
    made.axis = found;
  }
  define_constant(std::move(made));
}

void OnnxReader::reshape() { move(item(0), integers(1)); }

void OnnxReader::flatten() {
  const Item& from = item(0);
  const auto rank = static_cast<std::int64_t>(from.dims.size());
  std::int64_t axis = integer("axis", 1);
  if (axis < 0) axis += rank;
  if (axis < 0 || axis > rank) throw Refused{fmt::format("its axis is {}", axis)};
  move(from, {product({from.dims.begin(), from.dims.begin() + axis}),
              product({from.dims.begin() + axis, from.dims.end()})});
}

void OnnxReader::squeeze() {
  const Item& from = item(0);
  const auto rank = static_cast<std::int64_t>(from.dims.size());
  std::set<std::int64_t> gone;
  for (const std::int64_t axis : has(1) ? integers(1) : integers("axes", {}))
    gone.insert(axis < 0 ? axis + rank : axis);
  std::vector<std::int64_t> dims;
  for (std::int64_t i = 0; i < rank; ++i)
    if (gone.empty() ? from.dims[at(i)] != 1 : !gone.contains(i)) dims.push_back(from.dims[at(i)]);
  move(from, dims);
}

void OnnxReader::unsqueeze() {
  const Item& from = item(0);
  const std::vector<std::int64_t> axes = has(1) ? integers(1) : integers("axes", {});
  const auto rank = static_cast<std::int64_t>(from.dims.size() + axes.size());
  std::set<std::int64_t> added;
  for (const std::int64_t axis : axes) added.insert(axis < 0 ? axis + rank : axis);
  std::vector<std::int64_t> dims;
  std::size_t next = 0;
  for (std::int64_t i = 0; i < rank; ++i)
    dims.push_back(added.contains(i) || next >= from.dims.size() ? 1 : from.dims[next++]);
  move(from, dims);
}

void OnnxReader::transpose() {
  const Item& from = item(0);
  const std::size_t rank = from.dims.size();
  std::vector<std::int64_t> backwards(rank);
  for (std::size_t i = 0; i < rank; ++i) backwards[i] = static_cast<std::int64_t>(rank - 1 - i);
  const std::vector<std::int64_t> order = integers("perm", backwards);
  std::vector<std::int64_t> sorted = order;
  std::sort(sorted.begin(), sorted.end());
  std::reverse(backwards.begin(), backwards.end());
  if (sorted != backwards) throw Refused{"it permutes no dimensions"};
  Item made = from;
  for (std::size_t i = 0; i < rank; ++i) made.dims[i] = from.dims[at(order[i])];
  if (from.kind == Item::kTensor) {
    if (from.opaque || from.apart) return define(turned(taken_apart(from), order));
    for (std::size_t i = 0; i < rank; ++i) made.axes[i] = from.axes[at(order[i])];
    return define(std::move(made));
  }
  const Constant& old = constants_[at(from.index)];
  Constant turned = old;
  turned.numbers.dims = made.dims;
  std::vector<std::size_t> step(rank, 1);  // in the old order, of each new dimension
  for (std::size_t i = 0; i < rank; ++i) {
    for (std::size_t k = at(order[i]) + 1; k < rank; ++k) step[i] *= at(from.dims[k]);
    if (order[i] == old.axis) turned.axis = static_cast<std::int64_t>(i);
  }
  for (std::size_t n = 0; n < old.size(); ++n) {
    std::size_t rest = n, source = 0;
    for (std::size_t i = rank; i-- > 0;) {
      source += rest % at(made.dims[i]) * step[i];
      rest /= at(made.dims[i]);
    }
    if (old.numbers.type == onnx::NumberType::kFloat)
      turned.numbers.floats[n] = old.numbers.floats[source];
    else
      turned.numbers.integers[n] = old.numbers.integers[source];
  }
  define_constant(std::move(turned));
}

void OnnxReader::identity() {
  Item same = item(0);
  define(std::move(same));
}

/// Exporters compute the shapes of a Reshape from other shapes.
void OnnxReader::shape_of() {
  const std::vector<std::int64_t>& dims = item(0).dims;
  define_constant({.numbers = {.type = onnx::NumberType::kInt64,
                               .dims = {static_cast<std::int64_t>(dims.size())},
                               .integers = dims}});
}

void OnnxReader::gather() {
  if (item(0).kind != Item::kConstant) return gather_values();
  const std::vector<std::int64_t> from = integers(0), chosen = integers(1);
  if (constant(0).numbers.dims.size() != 1) throw Refused{"it chooses from a constant of several dimensions"};
  onnx::Tensor made{.type = onnx::NumberType::kInt64, .dims = constant(1).numbers.dims};
  for (std::int64_t index : chosen) {
    if (index < 0) index += static_cast<std::int64_t>(from.size());
    if (index < 0 || index >= static_cast<std::int64_t>(from.size()))
      throw Refused{"it chooses what is not there"};
    made.integers.push_back(from[at(index)]);
  }
  define_constant({.numbers = std::move(made)});
}

void OnnxReader::join_constants() {
  onnx::Tensor made{.type = onnx::NumberType::kInt64};
  for (std::size_t i = 0; i < step_->node.inputs.size(); ++i) {
    const std::vector<std::int64_t> numbers = integers(i);
    if (constant(i).numbers.dims.size() != 1) throw Refused{"it joins constants of several dimensions"};
    made.integers.insert(made.integers.end(), numbers.begin(), numbers.end());
  }
  made.dims = {static_cast<std::int64_t>(made.integers.size())};
  define_constant({.numbers = std::move(made)});
}

}  // namespace tinynas::import
