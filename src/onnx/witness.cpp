#include "tinynas/onnx/witness.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "onnx/to_proto.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/core/index.h"
#include "tinynas/core/parallel.h"
#include "tinynas/ir/ops.h"
#include "tinynas/onnx/onnx.h"
#include "tinynas/quant/interpreter.h"

namespace tinynas::onnx {
namespace {

using Json = nlohmann::ordered_json;
using Values = std::vector<std::int8_t>;

/// Appends [H, W, C] as [C, H, W].
void append_planar(std::string& bytes, std::span<const std::int8_t> values, const ir::Shape& shape) {
  const auto channels = at(shape.c);
  for (std::size_t c = 0; c < channels; ++c)
    for (std::size_t i = c; i < values.size(); i += channels) bytes.push_back(static_cast<char>(values[i]));
}

Json tensor_json(const ir::Graph& graph, int tensor) {
  const ir::Shape& shape = graph.tensor(tensor);
  const ir::TensorQuant& quant = graph.quant_of(tensor);
  return {{"tensor", fmt::format("t{}", tensor)},
          {"shape", {shape.c, shape.h, shape.w}},
          {"scale", quant.scale},
          {"zero_point", quant.zero_point}};
}

Json layer_json(const ir::Graph& graph, int index) {
  const ir::Layer& layer = graph.layer(index);
  Json inputs = Json::array();
  for (const int t : layer.inputs)
    if (t >= 0) inputs.push_back(tensor_json(graph, t));
  return {{"name", ir::describe_layer(graph, index)},
          {"operation", ir::op_name(layer.op)},
          {"model", fmt::format("layer{}.onnx", index)},
          {"inputs", inputs},
          {"output", tensor_json(graph, layer.output)}};
}

/// Every tensor's values for the images, one file a tensor.
void write_values(const quant::Int8Interpreter& interpreter, const std::vector<Values>& images,
                  const std::filesystem::path& folder) {
  const ir::Graph& graph = interpreter.graph();
  std::vector<std::string> files(graph.tensors.size());
  for (const Values& image : images)
    interpreter.run(image, [&](int t, std::span<const std::int8_t> values) {
      append_planar(files[at(t)], values, graph.tensor(t));
    });
  for (std::size_t t = 0; t < files.size(); ++t) write_file(folder / fmt::format("t{}.bin", t), files[t]);
}

void write_ends(const quant::Int8Interpreter& interpreter, const std::vector<Values>& images,
                const std::filesystem::path& folder) {
  const ir::Graph& graph = interpreter.graph();
  std::vector<Values> outputs(images.size());
  parallel_for_index(images.size(), [&](std::size_t i) { outputs[i] = interpreter.run(images[i]); });
  std::string inputs, scores;
  const auto append = [&](std::string& bytes, std::span<const std::int8_t> values, const ir::Shape& shape) {
    append_planar(bytes, values.first(at(shape.elements())), shape);
    return values.subspan(at(shape.elements()));
  };
  for (std::size_t i = 0; i < images.size(); ++i) {
    std::span<const std::int8_t> from = images[i], made = outputs[i];
    for (int k = 0; k < graph.input_count(); ++k)
      from = append(inputs, from, graph.tensor(graph.input_tensor(k)));
    for (int k = 0; k < graph.output_count(); ++k)
      made = append(scores, made, graph.tensor(graph.output_tensor(k)));
  }
  write_file(folder / "images.bin", inputs);
  write_file(folder / "scores.bin", scores);
}

}  // namespace

void write_witness(const ir::Graph& graph, std::span<const std::uint8_t> images,
                   const WitnessOptions& options, const std::filesystem::path& folder) {
  const quant::Int8Interpreter interpreter(graph);
  const auto pixels = at(ir::input_elements(graph));
  if (images.empty() || images.size() % pixels != 0)
    throw GraphError(
        fmt::format("witness: {} bytes are no whole number of images of {} bytes", images.size(), pixels));
  std::vector<Values> all;
  for (std::size_t i = 0; i < images.size(); i += pixels)
    all.push_back(quant::pixels_to_int8(images.subspan(i, pixels)));

  Json json = {{"images", all.size()},
               {"layer_images", std::min(options.layer_images, all.size())},
               {"inputs", Json::array()},
               {"outputs", Json::array()},
               {"layers", Json::array()}};
  for (int i = 0; i < graph.input_count(); ++i)
    json["inputs"].push_back(tensor_json(graph, graph.input_tensor(i)));
  for (int i = 0; i < graph.output_count(); ++i)
    json["outputs"].push_back(tensor_json(graph, graph.output_tensor(i)));
  export_onnx(graph, {}, folder / "model.onnx");
  for (int i = 0; i < graph.layer_count(); ++i) {
    json["layers"].push_back(layer_json(graph, i));
    write_file(folder / fmt::format("layer{}.onnx", i), layer_to_proto(graph, i).SerializeAsString());
  }
  write_ends(interpreter, all, folder);
  all.resize(std::min(options.layer_images, all.size()));
  write_values(interpreter, all, folder);
  write_file(folder / "witness.json", json.dump(1) + "\n");
}

}  // namespace tinynas::onnx
