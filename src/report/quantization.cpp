#include "tinynas/report/quantization.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "report/layer_table.h"
#include "tinynas/report/table.h"

namespace tinynas::report {
namespace {

using Json = nlohmann::ordered_json;

/// JSON has no infinity.
Json finite_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Table noise_table(const Quantization& quantization, const ir::Graph& graph) {
  Table table{
      .columns = {{"layer", Align::kWords}, {"operation", Align::kWords}, {"alone"}, {"with all ahead"}}};
  for (int i = 0; i < graph.layer_count(); ++i) {
    const quant::LayerNoise& noise = quantization.layers[at(i)];
    table.rows.push_back({.cells = {layer_name(graph, i), operation(graph.layer(i)), decibels(noise.alone),
                                    decibels(noise.through)}});
  }
  return table;
}

std::string also_done(const Quantization& q) {
  std::string text;
  if (q.equalised) text += ", channels equalised";
  if (q.bias_corrected) text += ", biases corrected";
  return text;
}

}  // namespace

std::string decibels(double value) {
  return std::isinf(value) && value > 0 ? "exact" : fmt::format("{:.1f} dB", value);
}

std::string quantization_line(const Quantization& q, const ir::Graph& graph) {
  if (q.layers.empty())
    return "in float: ranges of random inputs; SRAM, Flash and latency do not depend on them "
           "(--calibrate DIR says what int8 costs)\n";
  const int worst = quant::noisiest_layer(q.layers);
  return fmt::format(
      "int8 of a network in float, calibrated on {} {}{}: ranges by {}{}; signal to noise {} at the output, "
      "least in {} ({} alone)\n",
      q.inputs, q.inputs == 1 ? "input" : "inputs",
      q.source.empty() ? " of random values, for figures only" : " of " + q.source, q.clipping, also_done(q),
      decibels(q.output_noise), layer_name(graph, worst), decibels(q.layers[at(worst)].alone));
}

std::string quantization_text(const Quantization& q, const ir::Graph& graph) {
  const std::string line = quantization_line(q, graph);
  return q.layers.empty() ? line : line + "\nsignal to noise\n" + to_text(noise_table(q, graph));
}

std::string quantization_json(const Quantization& q, const ir::Graph& graph) {
  Json json = {{"source", q.source.empty() ? "random" : q.source},
               {"inputs", q.inputs},
               {"clipping", q.clipping},
               {"equalised", q.equalised},
               {"bias_corrected", q.bias_corrected}};
  if (!q.layers.empty()) {
    json["output_noise_db"] = finite_or_null(q.output_noise);
    json["noisiest_layer"] = quant::noisiest_layer(q.layers);
    json["layers"] = Json::array();
    for (int i = 0; i < graph.layer_count(); ++i)
      json["layers"].push_back({{"name", layer_name(graph, i)},
                                {"alone_db", finite_or_null(q.layers[at(i)].alone)},
                                {"through_db", finite_or_null(q.layers[at(i)].through)}});
  }
  return json.dump();
}

}  // namespace tinynas::report
