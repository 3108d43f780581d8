#include "tinynas/app/ends.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/metadata.h"

namespace tinynas::app {
namespace {

const ir::Graph& network_of(const Model& model) { return model.graph.quant ? model.graph : *model.in_float; }

std::vector<End> ends_of(const Model& model, int count, int (ir::Graph::*tensor)(int) const,
                         const std::string& kind) {
  const ir::Graph& graph = network_of(model);
  const std::string key = "tinynas." + kind + "_names";
  const std::vector<std::string> names = split_lines(metadata_or(model.metadata, key.c_str(), ""));
  std::vector<End> ends;
  for (int i = 0; i < count; ++i) {
    const int t = (graph.*tensor)(i);
    End& end = ends.emplace_back(
        End{.name = count == 1 ? kind : kind + std::to_string(i), .shape = graph.tensor(t)});
    if (names.size() == static_cast<std::size_t>(count)) end.name = names[at(i)];
    if (graph.quant) end.quant = graph.quant_of(t);
  }
  return ends;
}

std::vector<int> extents(const ir::Shape& shape) {
  if (shape.h == 1 && shape.w == 1) return {shape.c};
  return {shape.h, shape.w, shape.c};
}

}  // namespace

std::vector<End> inputs_of(const Model& model) {
  return ends_of(model, network_of(model).input_count(), &ir::Graph::input_tensor, "input");
}

std::vector<End> outputs_of(const Model& model) {
  return ends_of(model, network_of(model).output_count(), &ir::Graph::output_tensor, "output");
}

std::string shape_text(const ir::Shape& shape) {
  return fmt::format("[{}]", fmt::join(extents(shape), ", "));
}

std::string end_text(const End& end) {
  const std::string text = fmt::format("{} {}", end.name, shape_text(end.shape));
  if (!end.quant) return text + " of real values";
  const int zero = end.quant->zero_point;
  if (zero == 0) return fmt::format("{}, real value = {} * int8", text, end.quant->scale);
  return fmt::format("{}, real value = {} * (int8 {} {})", text, end.quant->scale, zero < 0 ? "+" : "-",
                     std::abs(zero));
}

std::string ends_json(const std::vector<End>& ends) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const End& end : ends) {
    json.push_back({{"name", end.name}, {"shape", extents(end.shape)}});
    if (!end.quant) continue;
    json.back()["scale"] = end.quant->scale;
    json.back()["zero_point"] = end.quant->zero_point;
  }
  return json.dump();
}

}  // namespace tinynas::app
