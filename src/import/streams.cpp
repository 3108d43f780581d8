// Variables that keep the last rows of a tensor from call to call.
#include <fmt/format.h>

#include <algorithm>

#include "import/folder.h"

namespace tinynas::import {
namespace {

/// The node that makes a value; null for inputs and constants.
const Node* maker_of(const Model& model, int value) {
  for (const Node& node : model.nodes)
    if (std::ranges::count(node.outputs, value) > 0) return &node;
  return nullptr;
}

/// The variable that input 0 of a node names; empty if it is not known.
std::string variable_of(const Model& model, const Node& node) {
  if (node.inputs.empty() || node.inputs[0] < 0) return {};
  const Node* const handle = maker_of(model, node.inputs[0]);
  return handle != nullptr && handle->op == "variable" ? handle->text("name", "") : "";
}

std::string state_text(const Source& source, const Value& value) {
  return fmt::format("state '{}' of {}", source.state, shape_text(value.shape));
}

}  // namespace

/// A handle means nothing by itself.
void Folder::variable(const Node& node) { sources_[at(node.outputs[0])] = {.kind = Source::kState}; }

/// Rows of earlier calls: zeros in the first, as the file says it.
void Folder::read_variable(const Node& node) {
  const Value& rows = output(node);
  const Source made{.kind = Source::kState, .state = variable_of(model_, node)};
  if (made.state.empty()) throw Refused{"its variable has no name"};
  const auto initial = model_.initial.find(made.state);
  if (initial == model_.initial.end())
    throw Refused{state_text(made, rows) + " has no value before the first call",
                  "a subgraph that CALL_ONCE runs and that assigns a constant to it"};
  tensor_quant(rows);
  const Value& first = model_.values[at(initial->second)];
  const std::int64_t zero = rows.zero_points.empty() ? 0 : rows.zero_points[0];
  const bool zeros = is_float_
                         ? std::ranges::all_of(reals(first), [](double number) { return number == 0; })
                         : std::ranges::all_of(integers(first), [&](std::int64_t q) { return q == zero; });
  if (!zeros) throw Refused{state_text(made, rows) + " begins with other values than 0"};
  sources_[at(node.outputs[0])] = made;
}

/// Which rows of its input a slice takes, if it takes all columns and channels of them.
std::optional<Folder::Rows> Folder::sliced_rows(const Node& node) const {
  const std::vector<std::int64_t>& shape = value(node, 0).shape;
  const std::vector<Range> ranges = strided_ranges(node);
  if (shape.size() < 3 || node.integer("shrink_axis_mask", 0) != 0) return std::nullopt;
  for (std::size_t i = 0; i < shape.size(); ++i)
    if (ranges[i].step != 1 || (i != 1 && ranges[i].count != shape[i])) return std::nullopt;
  return Rows{ranges[1].begin, ranges[1].begin + ranges[1].count};
}

/// Rows of earlier calls joined with those of this one. The last of them must become the next call's state.
void Folder::join_state(const Node& node) {
  const Source state = raw_source(node, 0);
  const Value &kept = value(node, 0), &joined = output(node);
  const auto refused = [&](const std::string& why) {
    return Refused{state_text(state, kept) + " " + why,
                   "READ_VARIABLE, CONCATENATION with the new rows behind, STRIDED_SLICE of the last rows, "
                   "ASSIGN_VARIABLE"};
  };
  const auto rank = static_cast<std::int64_t>(kept.shape.size());
  const std::int64_t axis = node.integer("axis", 0);
  if (node.inputs.size() != 2 || rank < 3 || (axis != 1 && axis != 1 - rank) ||
      node.text("activation", "none") != "none")
    throw refused("is not joined with new rows behind it");
  const int tensor = activation(node, 1);
  const ir::Shape rows = image_shape(kept), fresh = graph_.tensor(tensor);
  if (rows.w != fresh.w || rows.c != fresh.c ||
      image_shape(joined) != ir::Shape{rows.h + fresh.h, rows.w, rows.c})
    throw refused(fmt::format("is joined with {}", shape_text(value(node, 1).shape)));
  if (tensor_quant(kept) != graph_.quant_of(tensor) || tensor_quant(joined) != graph_.quant_of(tensor))
    throw refused("and the rows that it is joined with have different scales");
  const Node* keeps = nullptr;
  for (const Node& assigned : model_.nodes) {
    if (assigned.op != "assign_variable" || variable_of(model_, assigned) != state.state) continue;
    if (keeps != nullptr || assigned.inputs.size() != 2 || assigned.inputs[1] < 0)
      throw refused("is not assigned once");
    keeps = maker_of(model_, assigned.inputs[1]);
    if (keeps == nullptr || keeps->op != "strided_slice" || keeps->inputs.empty() ||
        keeps->inputs[0] != node.outputs[0])
      throw refused("is assigned other rows than the last of what it was joined to");
  }
  if (keeps == nullptr) throw refused("is never assigned");
  if (sliced_rows(*keeps) != Rows{fresh.h, std::int64_t{fresh.h} + rows.h})
    throw refused("is assigned other rows than the last of what it was joined to");
  if (const int input = input_of(tensor); input >= 0) inputs_[at(input)].is_read = true;
  Source made{Source::kTensor, tensor};
  made.alone = false;
  made.history = rows.h;
  made.state = state.state;
  define(node, made);
}

/// The last rows, for a kernel that is shorter than the state.
void Folder::slice_state(const Node& node) {
  Source from = raw_source(node, 0);
  const std::optional<Rows> rows = sliced_rows(node);
  if (!rows || rows->behind != value(node, 0).shape[1] || rows->first > from.history)
    throw Refused{
        state_text(from, value(node, 0)) + " and new rows are sliced otherwise than to the last rows",
        "all new rows, and the last of the state"};
  from.history -= static_cast<int>(rows->first);
  define(node, from);
}

/// Channels, each output some that stand side by side.
void Folder::split_state(const Node& node) {
  const Source from = raw_source(node, node.op == "split_v" ? 0 : 1);
  const Value& read = value(node, node.op == "split_v" ? 0 : 1);
  int first = 0;
  const int channels = graph_.tensor(from.tensor).c;
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    const Value& part = values_[at(node.outputs[i])];
    const ir::Shape shape = image_shape(part), whole = image_shape(read);
    if (shape.h != whole.h || shape.w != whole.w || shape.c > channels - first)
      throw Refused{state_text(from, read) + " and new rows are split otherwise than by channels"};
    ir::ChannelMap chosen(at(shape.c));
    for (std::int16_t& channel : chosen) channel = static_cast<std::int16_t>(first++);
    Source made{Source::kTensor, choose_channels(node, from.tensor, chosen)};
    made.alone = false;
    made.history = from.history;
    made.state = from.state;
    define(node, made, i);
  }
}

/// A window over rows of earlier calls and of this one.
void Folder::stream(const Source& from, const Value& read, ir::Layer& layer) const {
  if (from.history == 0) return;
  if (layer.pad_top + layer.pad_bottom > 0)
    throw Refused{state_text(from, read) + " and new rows are padded", "no padding over rows"};
  const int read_rows = ir::window_height(layer);
  if (from.history >= read_rows)
    throw Refused{
        fmt::format("{} rows of state '{}' stand before the new ones, and a kernel over {} rows would "
                    "compute again what earlier calls have computed",
                    from.history, from.state, read_rows),
        "a state of the kernel's rows less one"};
  layer.pad_top = static_cast<std::int16_t>(from.history);
  layer.streams = true;
}

/// For nodes that read a tensor as it is.
void Folder::refuse_state(const Source& from, const Value& read) {
  if (from.kind == Source::kState)
    throw Refused{state_text(from, read) + " is read by it",
                  "CONCATENATION of the state and new rows, and a convolution over them"};
  if (from.history > 0)
    throw Refused{state_text(from, read) + " and new rows are read by it, which computes no windows of rows",
                  "a convolution, a pool or a dense layer over them"};
}

}  // namespace tinynas::import
