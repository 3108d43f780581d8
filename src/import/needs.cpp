// Which nodes of a file matter, and whether they compute in float.
#include <algorithm>
#include <array>

#include "import/folder.h"

namespace tinynas::import {
namespace {

/// What makes values of a known range: their scale is TFLite's where the file states none.
struct KnownRange {
  std::string_view op;
  float scale;
  int zero_point;
};
constexpr std::array kKnownRanges = {
    KnownRange{"softmax", 1.0F / 256, -128},      KnownRange{"sigmoid", 1.0F / 256, -128},
    KnownRange{"hard_sigmoid", 1.0F / 256, -128}, KnownRange{"tanh", 1.0F / 128, 0},
    KnownRange{"log_softmax", 16.0F / 256, 127},
};

/// Nodes that compute nothing, and may have float ends in an int8 network.
bool only_passes_on(const Node& node) {
  constexpr std::array<std::string_view, 7> kPassing = {"quantize", "dequantize", "reshape", "transpose",
                                                        "shape",    "unread",     ""};
  return std::ranges::find(kPassing, std::string_view(node.op)) != kPassing.end();
}

/// Nodes that give every value to some place as it is.
bool moves_values(const Node& node) {
  constexpr std::array<std::string_view, 15> kMoving = {
      "reshape", "transpose", "slice", "strided_slice", "split",      "split_v",   "gather",        "pack",
      "unpack",  "reverse",   "shape", "concat",        "mirror_pad", "broadcast", "space_to_depth"};
  return std::ranges::find(kMoving, std::string_view(node.op)) != kMoving.end();
}

/// float, or int16 that means reals.
bool is_real(const Value& value) {
  return !value.constant && (value.type == Type::kFloat32 || value.type == Type::kFloat16 ||
                             (value.type == Type::kInt16 && !value.scales.empty()));
}

}  // namespace

/// Nodes that the outputs depend on.
void Folder::mark_needed() {
  reads_.assign(values_.size(), 0);
  for (const int output : model_.outputs) ++reads_[at(output)];
  needed_.assign(model_.nodes.size(), false);
  for (std::size_t i = model_.nodes.size(); i-- > 0;) {
    const Node& node = model_.nodes[i];
    for (const int output : node.outputs) needed_[i] = needed_[i] || reads_[at(output)] > 0;
    if (!needed_[i]) continue;
    for (const int input : node.inputs)
      if (input >= 0) ++reads_[at(input)];
  }
}

/// What a DEQUANTIZE makes is read as what it was made of: numbers, and what they mean.
void Folder::follow_dequantized() {
  for (std::size_t i = 0; i < values_.size(); ++i) same_as_.push_back(static_cast<int>(i));
  for (const Node& node : model_.nodes)
    if (node.op == "dequantize" && !node.inputs.empty() && node.inputs[0] >= 0 && !node.outputs.empty())
      same_as_[at(node.outputs[0])] = same_as_[at(node.inputs[0])];
}

/// Last layers of known range that compute in float, behind a DEQUANTIZE, might as well in int8.
void Folder::settle_float_ends() {
  for (const Node& node : model_.nodes) {
    const auto* const known = std::ranges::find(kKnownRanges, node.op, &KnownRange::op);
    if (known == kKnownRanges.end() || node.outputs.size() != 1 || !has_input(node, 0)) continue;
    if (!leaves_unread(node.outputs[0])) continue;
    Value& end = values_[at(node.outputs[0])];
    if (end.type != Type::kFloat32 || is_real(value(node, 0))) continue;
    end.type = Type::kInt8;
    end.scales = {known->scale};
    end.zero_points = {known->zero_point};
  }
}

/// One layer that the file has in float makes the whole network float.
bool Folder::computes_floats() {
  settle_float_ends();
  only_moves_ = true;
  bool some = false;
  for (std::size_t i = 0; i < model_.nodes.size(); ++i) {
    only_moves_ = only_moves_ && (!needed_[i] || moves_values(model_.nodes[i]));
    for (const int output : model_.nodes[i].outputs)
      some = some || (needed_[i] && is_real(values_[at(output)]));
  }
  if (only_moves_ && some) return true;
  for (std::size_t i = 0; i < model_.nodes.size(); ++i) {
    const Node& node = model_.nodes[i];
    if (!needed_[i] || only_passes_on(node)) continue;
    for (std::size_t k = 0; k < node.inputs.size(); ++k)
      if (has_input(node, k) && is_real(value(node, k))) return true;
    for (const int output : node.outputs)
      if (is_real(values_[at(output)])) return true;
  }
  return false;
}

}  // namespace tinynas::import
