#include "tinynas/app/convert.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/metadata.h"
#include "tinynas/app/ends.h"
#include "tinynas/core/error.h"
#include "tinynas/core/json_document.h"
#include "tinynas/onnx/onnx.h"

namespace tinynas::app {
namespace {

/// "The file's own inputs: ... Its outputs: ...", a line each.
std::string in_lines(std::string note) {
  for (std::size_t at = 0; (at = note.find(". ", at)) != std::string::npos; ++at) note[at + 1] = '\n';
  return note + "\n";
}

/// " input [1, 3, 32, 32],": as onnx::export_onnx writes them.
std::string onnx_ends(std::string_view name, const std::vector<End>& ends) {
  std::string text;
  for (std::size_t i = 0; i < ends.size(); ++i)
    text += fmt::format(" {}{} [1, {}, {}, {}],", name, i == 0 ? "" : std::to_string(i), ends[i].shape.c,
                        ends[i].shape.h, ends[i].shape.w);
  return text;
}

}  // namespace

void convert_model(const Model& model, const std::filesystem::path& file) {
  if (ir::is_streaming(model.graph))
    throw UnsupportedError(
        fmt::format("{}: keeps rows from call to call, which ONNX has no operators for; tinynas compile, "
                    "profile, run and emulate take it as it is",
                    model.file.string()));
  onnx::export_onnx(model.graph, model.metadata, file);
}

std::string conversion_text(const Model& model, const std::filesystem::path& file) {
  std::string text = fmt::format("{}: int8, {} layer{}, {} multiply-accumulates, {} bytes\n", file.string(),
                                 model.graph.layer_count(), model.graph.layer_count() == 1 ? "" : "s",
                                 ir::graph_macs(model.graph), std::filesystem::file_size(file));
  for (const End& end : inputs_of(model)) text += "  takes " + end_text(end) + "\n";
  for (const End& end : outputs_of(model)) text += "  makes " + end_text(end) + "\n";
  text += "  in ONNX:" + onnx_ends("input", inputs_of(model)) + onnx_ends("output", outputs_of(model)) +
          " float32, real values\n";
  if (const std::string note = metadata_or(model.metadata, "tinynas.input", ""); !note.empty())
    text += in_lines("Of the file that was read: " + note);
  if (model.quantization) text += report::quantization_line(*model.quantization, model.graph);
  return text;
}

std::string conversion_json(const Model& model, const std::filesystem::path& file) {
  using Json = nlohmann::ordered_json;
  Json json = {{"model", model.file.string()},
               {"output", file.string()},
               {"bytes", std::filesystem::file_size(file)},
               {"layers", model.graph.layer_count()},
               {"macs", ir::graph_macs(model.graph)},
               {"inputs", Json::parse(ends_json(inputs_of(model)))},
               {"outputs", Json::parse(ends_json(outputs_of(model)))},
               {"note", metadata_or(model.metadata, "tinynas.input", "")}};
  if (model.quantization)
    json["quantization"] = Json::parse(report::quantization_json(*model.quantization, model.graph));
  return json_document("convert", json.dump(2));
}

}  // namespace tinynas::app
