#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "import/flatbuffer.h"
#include "import/tflite_operators.h"
#include "tinynas/core/error.h"
#include "tinynas/core/index.h"
#include "tinynas/import/import.h"

// Numbers of fields are those of tensorflow/lite/schema/schema.fbs.
namespace tinynas::import {
namespace {

constexpr std::string_view kIdentifier = "TFL3";
constexpr std::size_t kIdentifierAt = 4;

Type tensor_type(int number) {
  switch (number) {
    case 0:
      return Type::kFloat32;
    case 1:
      return Type::kFloat16;
    case 2:
      return Type::kInt32;
    case 3:
      return Type::kUint8;
    case 4:
      return Type::kInt64;
    case 7:
      return Type::kInt16;
    case 9:
      return Type::kInt8;
    default:
      return Type::kOther;
  }
}

/// Where a Buffer's bytes lie in the file; none if it has none.
std::optional<Value::Extent> buffer_extent(const Table& buffer, const FlatBuffer& file) {
  const auto data = buffer.extent(0, 1);
  if (data.count > 0) return Value::Extent{data.first, data.count};
  const auto offset = buffer.number<std::uint64_t>(1, 0), size = buffer.number<std::uint64_t>(2, 0);
  if (offset <= 1 || size == 0) return std::nullopt;  // files of 2 GB keep their data behind the FlatBuffer
  file.piece(offset, size);
  return Value::Extent{offset, size};
}

Value read_tensor(const Table& tensor, const std::vector<std::optional<Value::Extent>>& buffers) {
  Value value{.name = tensor.text(3), .type = tensor_type(tensor.number<std::int8_t>(1, 0))};
  for (const std::int32_t size : tensor.numbers<std::int32_t>(0)) value.shape.push_back(size);
  const auto buffer = tensor.number<std::uint32_t>(2, 0);
  if (buffer >= buffers.size())
    throw IoError(
        fmt::format("damaged: '{}' has buffer {}, there are {}", value.name, buffer, buffers.size()));
  value.constant = buffers[buffer];
  if (tensor.has(6)) value.type = Type::kOther;  // sparse: its bytes are no plain numbers
  if (tensor.has(4)) {
    const Table quant = tensor.table(4);
    value.scales = quant.numbers<float>(2);
    value.zero_points = quant.numbers<std::int64_t>(3);
    value.axis = quant.number<std::int32_t>(6, 0);
  }
  return value;
}

std::vector<int> indices(const Table& table, int field, std::size_t values, int least) {
  std::vector<int> read;
  for (const std::int32_t index : table.numbers<std::int32_t>(field)) {
    if (index < least || index >= static_cast<std::int64_t>(values))
      throw IoError(fmt::format("damaged: it names tensor {}, there are {}", index, values));
    read.push_back(index);
  }
  return read;
}

std::vector<std::string> read_words(const Table& model) {
  std::vector<std::string> words;
  for (const Table& code : model.tables(1))  // old files have a byte, new ones a word that is larger or equal
    words.push_back(operator_word(at(std::max({std::int32_t{0}, std::int32_t{code.number<std::int8_t>(0, 0)},
                                               code.number<std::int32_t>(3, 0)})),
                                  code.text(1)));
  return words;
}

Node read_node(const Table& op, const std::vector<std::string>& words, std::size_t values) {
  const auto code = op.number<std::uint32_t>(0, 0);
  if (code >= words.size())
    throw IoError(fmt::format("damaged: an operator has code {}, there are {}", code, words.size()));
  Node node{.word = words[code], .inputs = indices(op, 1, values, -1), .outputs = indices(op, 2, values, 0)};
  read_operator(op.has(4) ? std::optional(op.table(4)) : std::nullopt, node);
  return node;
}

/// What variables hold before the first call: a subgraph that CALL_ONCE runs assigns constants to them.
void read_initial(const Table& graph, const std::vector<std::string>& words,
                  const std::vector<std::optional<Value::Extent>>& buffers, Model& model) {
  std::vector<Value> values;
  for (const Table& tensor : graph.tables(0)) values.push_back(read_tensor(tensor, buffers));
  std::map<int, std::string> handles;
  for (const Table& op : graph.tables(3)) {
    const Node node = read_node(op, words, values.size());
    if (node.op == "variable" && node.outputs.size() == 1) handles[node.outputs[0]] = node.text("name", "");
    if (node.op != "assign_variable" || node.inputs.size() != 2 || node.inputs[1] < 0) continue;
    const auto handle = handles.find(node.inputs[0]);
    if (handle == handles.end()) continue;
    model.initial[handle->second] = static_cast<int>(model.values.size());
    model.values.push_back(values[at(node.inputs[1])]);
  }
}

}  // namespace

bool is_tflite(std::string_view bytes) {
  return bytes.size() >= kIdentifierAt + kIdentifier.size() &&
         bytes.substr(kIdentifierAt, kIdentifier.size()) == kIdentifier;
}

Model read_tflite(std::string bytes) {
  if (!is_tflite(bytes)) throw IoError("not a TFLite file: its fifth to eighth byte are not TFL3");
  Model model{.format = "TFLite", .data = std::move(bytes)};
  FlatBuffer file(model.data);
  const Table root = Table::root(file);
  std::vector<std::optional<Value::Extent>> buffers;
  for (const Table& buffer : root.tables(4)) buffers.push_back(buffer_extent(buffer, file));
  const std::vector<Table> graphs = root.tables(2);
  if (graphs.empty()) throw IoError("damaged: it holds no network");
  const Table& graph = graphs[0];  // the others are bodies of IF, WHILE, CALL_ONCE
  for (const Table& tensor : graph.tables(0)) model.values.push_back(read_tensor(tensor, buffers));
  model.inputs = indices(graph, 1, model.values.size(), 0);
  model.outputs = indices(graph, 2, model.values.size(), 0);
  const std::vector<std::string> words = read_words(root);
  const std::size_t values = model.values.size();
  for (const Table& op : graph.tables(3)) {
    Node node = read_node(op, words, values);
    if (node.op == "call_once") {
      const auto subgraph = static_cast<std::size_t>(node.integer("subgraph", 0));
      if (subgraph >= graphs.size())
        throw IoError(fmt::format("damaged: it names subgraph {}, there are {}", subgraph, graphs.size()));
      read_initial(graphs[subgraph], words, buffers, model);
    }
    model.nodes.push_back(std::move(node));
  }
  return model;
}

}  // namespace tinynas::import
