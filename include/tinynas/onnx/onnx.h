#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "tinynas/ir/graph.h"

namespace tinynas::onnx {

/// Free text kept in the model's metadata_props ("tinynas.schedule", "tinynas.version", ...), sorted by key.
using Metadata = std::map<std::string, std::string>;

/// Writes a quantized graph as ONNX, opset 13, QuantizeLinear / DequantizeLinear around every operation,
/// inputs and outputs float ([N=1, C, H, W] and [1, classes]; "input", "input1", ...); passes ONNX's own
/// checker before the file is renamed into place. Deterministic bytes. Node names are Graph::names.
void export_onnx(const ir::Graph& graph, const Metadata& metadata, const std::filesystem::path& path);

struct Model {
  ir::Graph graph = {};
  Metadata metadata;
};
/// Reads what export_onnx writes (import(export(g)) == g) and QDQ models of the same operators made by
/// others. IoError: unreadable or not ONNX; UnsupportedError names the node and operator that cannot be read.
Model import_onnx(const std::filesystem::path& path);

}  // namespace tinynas::onnx
