#include "watch.h"

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <map>
#include <set>

#include "tinynas/core/error.h"
#include "tinynas/core/files.h"

using namespace tinynas;

void watch_values(const std::filesystem::path& file, const import::Model& model,
                  const std::filesystem::path& folder) {
  ::onnx::ModelProto proto;
  if (!proto.ParseFromString(read_file(file, 1 << 30))) throw IoError("not an ONNX model, or damaged");
  ::onnx::GraphProto& graph = *proto.mutable_graph();
  std::set<std::string> made, given;
  std::map<std::string, std::string> quantized;  // by the float tensor
  for (const auto& node : graph.node()) {
    for (const auto& output : node.output()) made.insert(output);
    if (node.op_type() == "QuantizeLinear") quantized.emplace(node.input(0), node.output(0));
  }
  for (const auto& input : graph.input()) made.insert(input.name());
  for (const auto& output : graph.output()) given.insert(output.name());
  std::string lines;
  for (std::size_t i = 0; i < model.values.size(); ++i) {
    const import::Value& value = model.values[i];
    const auto integers = quantized.find(value.name);
    const bool is_float = value.type == import::Type::kFloat32;
    const std::string name = integers == quantized.end() || is_float ? value.name : integers->second;
    if (value.constant || !made.contains(name)) continue;
    lines += fmt::format("{} {}\n", i, name);
    if (given.insert(name).second) graph.add_output()->set_name(name);
  }
  write_file(folder / "watched.onnx", proto.SerializeAsString());
  write_file(folder / "values.txt", lines);
}
