// Nodes that are no layers: types, borders, shapes.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "import/folder.h"

namespace tinynas::import {

/// At the input it says what the float values become; inside it changes scale and zero point.
void Folder::quantize(const Node& node) {
  const ir::TensorQuant quant = tensor_quant(output(node));
  if (is_float_ && raw_source(node, 0).kind == Source::kTensor) return define(node, raw_source(node, 0));
  const Source from = source(node, 0);
  if (from.kind == Source::kFloatInput) {
    int& tensor = inputs_[at(from.input)].tensor;
    if (tensor >= 0) throw Refused{"the input is quantized twice", "one QUANTIZE at the input"};
    tensor = new_tensor(image_shape(output(node)), quant);
    return define(node, tensor);
  }
  if (from.kind == Source::kTensor && from.border.empty() && graph_.quant_of(from.tensor) == quant)
    return define(node, from);
  define(node, requantize(node, activation(node, 0), quant));
}

/// At the output only: its reader, if there is one, is refused as it reads float32.
void Folder::dequantize(const Node& node) {
  if (value(node, 0).constant) return;  // its readers take the constant
  tensor_quant(value(node, 0));
  const Source from = raw_source(node, 0);
  refuse_state(from, value(node, 0));
  if (is_float_) return define(node, from);
  if (from.kind != Source::kTensor || !from.border.empty()) throw Refused{"its input is made by no layer"};
  define(node, from);
}

void Folder::pad(const Node& node) {
  Source from = source(node, 0);
  const Value& read = value(node, 0);
  const ir::TensorQuant quant = tensor_quant(read);
  refuse_state(from, read);
  if (from.kind != Source::kTensor) throw Refused{"its input is made by no layer"};
  const std::vector<std::int64_t> sizes = integers(value(node, 1));  // before and after each dimension
  const std::size_t rank = read.shape.size();
  if (sizes.size() != 2 * rank || rank < 2) throw Refused{"it needs two numbers a dimension"};
  if (has_input(node, 2)) {
    const std::int64_t offset = read.type == Type::kUint8 ? 128 : 0;
    if (is_float_ ? reals(value(node, 2)) != std::vector<double>{0}
                  : integers(value(node, 2)) != std::vector<std::int64_t>{quant.zero_point + offset})
      throw Refused{"it pads with another value than 0", "PAD with zeros"};
  }
  const auto size = [&](std::size_t i) {
    if (sizes[i] < 0 || sizes[i] > std::numeric_limits<std::int16_t>::max())
      throw Refused{fmt::format("it pads by {}", sizes[i])};
    return static_cast<int>(sizes[i]);
  };
  if (size(0) + size(1) > 0) throw Refused{"it pads the batch"};
  if (const int before = size(2 * rank - 2), behind = size(2 * rank - 1); before + behind > 0) {
    const int tensor = activation(node, 0);
    const int channels = graph_.tensor(tensor).c;
    ir::ChannelMap chosen(at(before), -1);
    for (int c = 0; c < channels; ++c) chosen.push_back(static_cast<std::int16_t>(c));
    chosen.resize(chosen.size() + at(behind), -1);
    from = {Source::kTensor, choose_channels(node, tensor, chosen)};
  }
  if (rank > 2) {
    from.border.top += size(2);
    from.border.bottom += size(3);
  }
  if (rank == 4) {
    from.border.left += size(4);
    from.border.right += size(5);
  }
  define(node, from);
}

/// Whether values would move is for the reader to say: a dense layer takes them in any shape.
void Folder::reshape(const Node& node) {
  Source from = raw_source(node, 0);
  const Value &read = value(node, 0), &made = output(node);
  if (read.constant) throw Refused{"its input is a constant"};
  if (from.kind == Source::kFloatInput || from.kind == Source::kNumbers) return define(node, from);
  tensor_quant(read);
  if (from.kind != Source::kTensor) throw Refused{"its input is made by no layer"};
  const bool is_image = made.shape.size() <= 4 && (made.shape.size() < 2 || made.shape[0] == 1);
  if (from.places || !in_order(from.order, read) || !is_image) return define_moved(node, 0, moved(node, 0));
  if (!from.border.empty()) from = {Source::kTensor, activation(node, 0)};
  from.order.clear();
  ir::Shape held = graph_.tensor(from.tensor);
  held.h += from.history;
  if (image_shape(made).elements() != held.elements())
    throw Refused{fmt::format("it makes {} of {}", shape_text(made.shape), shape_text(read.shape))};
  define(node, from);
}

/// Tensors keep their order; what they are called in the file does not. Behind a reshape values move.
void Folder::transpose(const Node& node) {
  const Value& read = value(node, 0);
  Source from = raw_source(node, 0);
  tensor_quant(read);
  if (from.kind != Source::kTensor) throw Refused{"its input is made by no layer"};
  const bool is_image = read.shape.size() <= 4 && (read.shape.size() < 2 || read.shape[0] == 1);
  const bool in_shape = from.places || !is_image || !from.border.empty() || !from.order.empty() ||
                        image_shape(read) == graph_.tensor(from.tensor) ||
                        (input_of(from.tensor) >= 0 && !inputs_[at(input_of(from.tensor))].is_read);
  const std::vector<std::int64_t> axes = integers(value(node, 1));
  if (from.places || !is_image || !in_shape || axes.empty() || axes[0] != 0) {
    std::vector<std::int64_t> sorted = axes;
    std::ranges::sort(sorted);
    for (std::size_t i = 0; i < sorted.size(); ++i)
      if (sorted[i] != static_cast<std::int64_t>(i)) throw Refused{"it permutes no dimensions"};
    if (sorted.size() != read.shape.size()) throw Refused{"it permutes no dimensions"};
    const Moved before = moved(node, 0);
    return define_moved(node, 0, before, transposed(*before.places, read.shape, axes));
  }
  const std::string order = order_of(from, read);
  if (from.order.empty()) from = {Source::kTensor, activation(node, 0)};
  std::string permuted;
  for (const std::int64_t axis : axes) {
    if (axis < 0 || axis >= static_cast<std::int64_t>(order.size()))
      throw Refused{"it permutes no dimensions"};
    permuted += order[at(axis)];
  }
  if (permuted.size() != order.size() || permuted[0] != 'N') throw Refused{"it moves the batch"};
  from.order = permuted == order_of({}, read) ? "" : permuted;
  define(node, from);
}

/// Exporters compute the shapes of a RESHAPE from other shapes; the file says the results beside them.
bool Folder::fold_numbers(const Node& node) {
  if (node.outputs.size() != 1) return false;
  bool numbers = node.op == "shape", others = false;
  for (std::size_t i = 0; i < node.inputs.size() && node.op != "shape"; ++i) {
    const bool is_number = has_input(node, i) && raw_source(node, i).kind == Source::kNumbers;
    numbers = numbers || is_number;
    others = others || (has_input(node, i) && !is_number && !is_constant(node, i));
  }
  numbers = numbers && !others;
  if (numbers) define(node, Source{.kind = Source::kNumbers});
  return numbers;
}

}  // namespace tinynas::import
