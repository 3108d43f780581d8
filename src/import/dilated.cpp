// Dilated convolutions as TensorFlow writes them: a convolution of every n-th pixel, between two nodes that
// take the pixels apart into a batch and bring them together again.
#include "import/dilated.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "tinynas/core/index.h"

namespace tinynas::import {
namespace {

using Numbers = std::vector<std::int64_t>;

/// An int32 constant of so many numbers.
std::optional<Numbers> constant_numbers(const Model& model, const Node& node, std::size_t input,
                                        std::size_t count) {
  if (input >= node.inputs.size() || node.inputs[input] < 0) return std::nullopt;
  const Value& value = model.values[at(node.inputs[input])];
  if (!value.constant || value.type != Type::kInt32 || value.constant->count != 4 * count)
    return std::nullopt;
  Numbers numbers;
  for (std::size_t i = 0; i < count; ++i) {
    std::int32_t number = 0;
    std::memcpy(&number, model.data.data() + value.constant->first + 4 * i, sizeof(number));
    numbers.push_back(number);
  }
  return numbers;
}

/// The only node that reads the result of another, if it is this operation.
std::optional<std::size_t> reader_of(const Model& model, const Node& node) {
  std::optional<std::size_t> found;
  if (node.outputs.size() != 1) return found;
  for (const int output : model.outputs)
    if (output == node.outputs[0]) return found;
  for (std::size_t i = 0; i < model.nodes.size(); ++i)
    for (const int input : model.nodes[i].inputs)
      if (input == node.outputs[0]) {
        if (found) return std::nullopt;
        found = i;
      }
  return found;
}

/// Rewrites the convolution behind node `first`, a space_to_batch, if there is one as there should be.
void join(Model& model, std::size_t first) {
  const Node apart = model.nodes[first];
  if (apart.inputs.empty() || apart.inputs[0] < 0) return;
  const Value read = model.values[at(apart.inputs[0])];
  const std::size_t ways =
      read.shape.size() - 2;  // directions that are taken apart: rows and columns, or one
  if (read.shape.size() != 3 && read.shape.size() != 4) return;
  const auto block = constant_numbers(model, apart, 1, ways),
             pads = constant_numbers(model, apart, 2, 2 * ways);
  if (!block || !pads) return;
  auto next = reader_of(model, apart);
  std::optional<std::size_t> widened, narrowed;  // one direction becomes two around the convolution
  if (next && ways == 1 && model.nodes[*next].op == "reshape") {
    widened = next;
    next = reader_of(model, model.nodes[*widened]);
  }
  constexpr std::array<std::string_view, 2> kConvolutions = {"conv", "depthwise"};
  if (!next || std::ranges::find(kConvolutions, model.nodes[*next].op) == kConvolutions.end()) return;
  const std::size_t convolution = *next;
  next = reader_of(model, model.nodes[convolution]);
  if (next && widened && model.nodes[*next].op == "reshape") {
    narrowed = next;
    next = reader_of(model, model.nodes[*narrowed]);
  }
  if (!next || model.nodes[*next].op != "batch_to_space" || narrowed.has_value() != widened.has_value())
    return;
  const Node together = model.nodes[*next];
  const auto crops = constant_numbers(model, together, 2, 2 * ways);
  if (!crops || constant_numbers(model, together, 1, ways) != block || together.outputs.size() != 1) return;
  Node& conv = model.nodes[convolution];
  const bool plain = conv.text("padding", "valid") == "valid" && conv.integer("stride_h", 1) == 1 &&
                     conv.integer("stride_w", 1) == 1 && conv.integer("dilation_h", 1) == 1 &&
                     conv.integer("dilation_w", 1) == 1;
  if (!plain || conv.outputs.size() != 1) return;
  for (std::size_t i = 0; i < 2 * ways; ++i)
    if ((*pads)[i] < (*crops)[i]) return;  // more is cut off than padded: not a padding

  // Of one direction, the convolution has it as its rows or as its columns.
  bool columns = ways == 2;
  if (widened) {
    Value& wide = model.values[at(model.nodes[*widened].outputs.at(0))];
    if (wide.shape.size() != 4) return;
    columns = wide.shape[1] == 1;
    if (!columns && wide.shape[2] != 1) return;
    wide.shape =
        columns ? Numbers{1, 1, read.shape[1], read.shape[2]} : Numbers{1, read.shape[1], 1, read.shape[2]};
    const Numbers made = model.values[at(together.outputs[0])].shape;
    if (made.size() != 3) return;
    model.values[at(conv.outputs[0])].shape =
        columns ? Numbers{1, 1, made[1], made[2]} : Numbers{1, made[1], 1, made[2]};
    model.nodes[*widened].inputs[0] = apart.inputs[0];
    model.nodes[*narrowed].outputs = together.outputs;
  } else {
    conv.inputs[0] = apart.inputs[0];
    conv.outputs = together.outputs;
  }
  const auto set = [&](std::size_t way, const char* dilation, const char* before, const char* behind) {
    conv.attributes[dilation] = (*block)[way];
    conv.attributes[before] = (*pads)[2 * way] - (*crops)[2 * way];
    conv.attributes[behind] = (*pads)[2 * way + 1] - (*crops)[2 * way + 1];
  };
  conv.attributes["padding"] = "explicit";
  if (ways == 2 || !columns) set(0, "dilation_h", "pad_top", "pad_bottom");
  if (columns) set(ways - 1, "dilation_w", "pad_left", "pad_right");
  model.nodes[*next].outputs.clear();  // now nobody needs both
}

}  // namespace

bool has_dilated(const Model& model) {
  for (const Node& node : model.nodes)
    if (node.op == "space_to_batch") return true;
  return false;
}

Model with_dilations(Model model) {
  for (std::size_t i = 0; i < model.nodes.size(); ++i)
    if (model.nodes[i].op == "space_to_batch") join(model, i);
  return model;
}

}  // namespace tinynas::import
