#include "onnx/from_proto.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "onnx/attributes.h"
#include "onnx/reader.h"
#include "tinynas/core/error.h"
#include "tinynas/core/index.h"
#include "tinynas/ir/ops.h"

namespace tinynas::onnx {
int within(std::int64_t value, std::int64_t low, std::int64_t high, const std::string& what) {
  if (value < low || value > high)
    throw UnsupportedError(fmt::format("{} {} must be {} .. {}", what, value, low, high));
  return static_cast<int>(value);
}

std::string input_name(const ::onnx::NodeProto& node, int i) {
  if (i >= node.input_size() || node.input(i).empty()) throw IoError(fmt::format("input {} is missing", i));
  return node.input(i);
}

bool has_input(const ::onnx::NodeProto& node, int i) {
  return i < node.input_size() && !node.input(i).empty();
}

ir::Graph Reader::read() {
  graph_.quant.emplace();
  for (const auto& tensor : proto_.initializer()) constants_[tensor.name()] = &tensor;
  read_inputs();
  for (const Node& node : proto_.node()) {
    try {
      read_node(node);
    } catch (const IoError& error) {
      throw IoError(fmt::format("{}: {}", describe_node(node), error.what()));
    } catch (const Error& error) {
      throw UnsupportedError(fmt::format("{}: {}", describe_node(node), error.what()));
    }
  }
  set_inputs();
  read_outputs();
  finish_names();
  restore_numbers();
  ir::validate(graph_);
  return std::move(graph_);
}

void Reader::read_inputs() {
  for (const auto& input : proto_.input())
    if (!constants_.contains(input.name()))  // older models list their constants here too
      values_[input.name()] = read_input(input);
  if (inputs_.empty()) throw UnsupportedError("the model has no input");
}

Value Reader::read_input(const ::onnx::ValueInfoProto& input) {
  const auto& type = input.type().tensor_type();
  const auto element = type.elem_type();
  const bool signed_bytes = element == ::onnx::TensorProto::INT8;
  const bool bytes = signed_bytes || element == ::onnx::TensorProto::UINT8;
  if (element != ::onnx::TensorProto::FLOAT && !bytes)
    throw UnsupportedError(fmt::format("the input has data type {}, expected float, int8 or uint8", element));
  const auto& dims = type.shape().dim();
  if (dims.size() != 4 && dims.size() != 2)
    throw UnsupportedError(
        fmt::format("the input has {} dimensions, expected [1, C, H, W] or [1, C]", dims.size()));
  const auto size = [&](int i, std::int64_t most) {
    return i < dims.size() ? within(dims.Get(i).dim_value(), 1, most, "input dimension") : 1;
  };
  inputs_.push_back(
      {.name = input.name(),
       .shape = {.h = size(2, kMostPixels), .w = size(3, kMostPixels), .c = size(1, kMostChannels)},
       .signed_bytes = signed_bytes});
  return {bytes ? Value::kBytes : Value::kImage, static_cast<int>(inputs_.size()) - 1};
}

void Reader::set_inputs() {
  for (const Input& input : inputs_)
    if (input.tensor < 0)
      throw UnsupportedError(fmt::format("input '{}' is quantized by no node", input.name));
  graph_.input = inputs_[0].tensor;
  for (std::size_t i = 1; i < inputs_.size(); ++i) graph_.other_inputs.push_back(inputs_[i].tensor);
}

void Reader::read_outputs() {
  if (proto_.output_size() < 1) throw UnsupportedError("the model has no output");
  for (int i = 0; i < proto_.output_size(); ++i) {
    const Value& value = find(proto_.output(i).name());
    if (value.kind != Value::kReal && value.kind != Value::kQuantized)
      throw UnsupportedError("the output is not the result of a QuantizeLinear");
    if (i == 0)
      graph_.output = value.index;
    else
      graph_.other_outputs.push_back(value.index);
  }
  for (std::size_t i = 0; i < graph_.layers.size(); ++i)
    if (graph_.layers[i].output < 0)
      throw UnsupportedError(fmt::format("node '{}': its result is not quantized", graph_.names[i]));
}

/// Names as in the file; none if no node has one; made up where only some are missing or twice there.
void Reader::finish_names() {
  if (std::all_of(graph_.names.begin(), graph_.names.end(), [](const auto& name) { return name.empty(); })) {
    graph_.names.clear();
    return;
  }
  std::set<std::string> seen;
  for (std::size_t i = 0; i < graph_.names.size(); ++i) {
    std::string& name = graph_.names[i];
    if (name.empty()) name = ir::op_name(graph_.layers[i].op);
    while (!seen.insert(name).second) name += fmt::format("_{}", i);
  }
}

/// Our own models name tensor N "tN"; then the numbers come back.
void Reader::restore_numbers() {
  const std::size_t count = graph_.tensors.size();
  std::map<std::string, int> ours;
  for (std::size_t n = 0; n < count; ++n) ours[fmt::format("t{}", n)] = static_cast<int>(n);
  std::vector<int> number;
  for (const std::string& name : tensor_names_) {
    const auto found = ours.find(name);
    if (found == ours.end()) return;
    number.push_back(found->second);
  }
  const ir::Graph old = graph_;
  for (std::size_t t = 0; t < count; ++t) {
    graph_.tensor(number[t]) = old.tensors[t];
    graph_.quant_of(number[t]) = old.quant->tensors[t];
  }
  const auto renumber = [&](int& tensor) { tensor = tensor < 0 ? tensor : number[at(tensor)]; };
  for (ir::Layer& layer : graph_.layers) {
    renumber(layer.output);
    for (int& input : layer.inputs) renumber(input);
  }
  renumber(graph_.input);
  renumber(graph_.output);
  std::ranges::for_each(graph_.other_inputs, renumber);
  std::ranges::for_each(graph_.other_outputs, renumber);
}

const Value& Reader::find(const std::string& name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) throw IoError(fmt::format("'{}' is made by no node before it is read", name));
  return found->second;
}

Constant Reader::constant(const std::string& name) const {
  const auto found = constants_.find(name);
  if (found == constants_.end()) throw UnsupportedError(fmt::format("'{}' must be a constant", name));
  return read_tensor(*found->second);
}

void Reader::define(const Node& node, Value value) {
  if (node.output_size() < 1 || node.output(0).empty()) throw IoError("it has no output");
  if (!values_.emplace(node.output(0), value).second)
    throw IoError(fmt::format("'{}' is made a second time", node.output(0)));
}

ir::Graph from_proto(const ::onnx::GraphProto& proto) { return Reader(proto).read(); }

}  // namespace tinynas::onnx
