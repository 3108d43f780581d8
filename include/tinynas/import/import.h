#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tinynas/import/plain_model.h"
#include "tinynas/ir/graph.h"
#include "tinynas/onnx/file.h"

namespace tinynas::import {

/// By its content.
bool is_tflite(std::string_view bytes);
/// The main network of a TFLite file. IoError where the file is damaged; what it takes of memory is bounded
/// by the file's size.
Model read_tflite(std::string bytes);

/// The network of an ONNX file, with its quantization (QDQ or QOperator form); where a scale is missing, as a
/// network of reals. Tensors [N, C, H, W] become [N, H, W, C]. IoError where the file is damaged.
Model read_onnx(onnx::File file);

/// What the caller of the file's network gives or takes.
struct End {
  std::string name = {};
  Type type = Type::kInt8;               ///< of the file's own tensor
  std::vector<std::int64_t> shape = {};  ///< as in the file: [1, H, W, C], [1, C], ...
  /// Of the int8 values that the graph takes or makes; uint8 minus 128. Of a float graph, what the file says
  /// of its own int8 ends.
  ir::TensorQuant quant = {};
  /// How the file's values follow one another, where not as the graph's (rows, columns, channels): "CHW".
  std::string order = {};
  friend bool operator==(const End&, const End&) = default;
};

struct Folded {
  ir::Graph graph = {};  ///< quantized, or float: with `parameters`
  End input = {}, output = {};
  std::vector<End> other_inputs = {}, other_outputs = {};  ///< one per further end of the graph, in its order
};
/// Makes a graph of a network: constants, reshapes, padding, and a change of type at the ends are folded
/// away. Where all layers compute in int8 (or uint8) it is quantized. Where one does not, the whole graph is
/// float: constants are what they mean, batch norms and activations go into the layers before them. Inputs
/// and outputs stand in the file's order. UnsupportedError lists all nodes that cannot be computed: operator,
/// index, name, why, what would do instead.
Folded fold(const Model& model);

/// A network and what its file says about it.
struct Network {
  ir::Graph graph = {};  ///< quantized, or float: with `parameters`
  bool is_float() const { return !graph.quant; }
  /// Of our ONNX files, their metadata; otherwise "tinynas.input", which says what to feed and take, and of
  /// several ends "tinynas.input_names" and "tinynas.output_names", a line each.
  std::map<std::string, std::string> metadata = {};
  std::vector<std::string> input_orders = {};  ///< End::order of each input; of our ONNX files none
  std::vector<Type> input_types = {};          ///< End::type, the same
};
/// Reads an .onnx or a .tflite file, whichever it is. IoError: unreadable or damaged; UnsupportedError: see
/// fold() and onnx::import_onnx().
Network read_network(const std::filesystem::path& path);

}  // namespace tinynas::import
