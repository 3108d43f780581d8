#include "tinynas/app/answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "app/metadata.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/core/json_document.h"
#include "tinynas/data/samples.h"
#include "tinynas/quant/interpreter.h"
#include "tinynas/quant/noise.h"

namespace tinynas::app {
namespace {

using OrderedJson = nlohmann::ordered_json;

std::size_t size_of(const End& end) { return static_cast<std::size_t>(end.shape.elements()); }
bool is_vector(const End& end) { return end.shape.h == 1 && end.shape.w == 1; }

/// Where an output's values begin among all outputs'.
std::size_t start_of(const Answers& answers, std::size_t output) {
  std::size_t start = 0;
  for (std::size_t k = 0; k < output; ++k) start += size_of(answers.outputs[k]);
  return start;
}

template <typename T>
std::span<const T> output_of(const std::vector<T>& all, const Answers& answers, std::size_t output) {
  return std::span(all).subspan(start_of(answers, output), size_of(answers.outputs[output]));
}

std::vector<float> real_of(const Answers& answers, const std::vector<std::int8_t>& values) {
  std::vector<float> real;
  for (std::size_t k = 0; k < answers.outputs.size(); ++k) {
    const auto part = quant::to_real(output_of(values, answers, k), *answers.outputs[k].quant);
    real.insert(real.end(), part.begin(), part.end());
  }
  return real;
}

/// Places of the largest values, the first of equals first.
std::vector<std::size_t> largest(std::span<const float> values, int most) {
  std::vector<std::size_t> places(values.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  std::stable_sort(places.begin(), places.end(),
                   [&](std::size_t a, std::size_t b) { return values[a] > values[b]; });
  places.resize(std::min(places.size(), static_cast<std::size_t>(most)));
  return places;
}

std::string label_of(const Answers& answers, std::size_t output, std::size_t place) {
  const End& end = answers.outputs[output];
  return is_vector(end) && answers.labels.size() == size_of(end) ? answers.labels[place] : "";
}

std::string vector_text(const Answers& answers, std::size_t output, std::span<const float> values, int most) {
  std::string text;
  for (const std::size_t place : largest(values, most)) {
    const std::string label = label_of(answers, output, place);
    text += fmt::format("{}{} {:.4g}", text.empty() ? "" : ", ",
                        label.empty() ? std::to_string(place) + ":" : label, values[place]);
  }
  return text;
}

std::string range_text(std::span<const float> values) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  return fmt::format("{:.4g} to {:.4g}, mean {:.4g}", *low, *high, sum / static_cast<double>(values.size()));
}

}  // namespace

Answers run_network(const Model& model, const NetworkInputs& inputs) {
  Answers answers{.model = model.file.filename().string(),
                  .outputs = outputs_of(model),
                  .labels = split_lines(metadata_or(model.metadata, "tinynas.classes", "")),
                  .inputs = inputs.names};
  if (model.graph.quant) {
    answers.in_int8 = quant::run_all(quant::Int8Interpreter(model.graph), inputs.in_int8);
    for (const auto& values : answers.in_int8) answers.real.push_back(real_of(answers, values));
    return answers;
  }
  if (ir::is_streaming(*model.in_float) && inputs.real.size() > 1)
    throw UnsupportedError(fmt::format(
        "{}: keeps rows from call to call, which is computed in int8 alone; give one input, or --calibrate",
        model.file.string()));
  for (const auto& values : inputs.real) answers.real.push_back(quant::run_float(*model.in_float, values));
  return answers;
}

void read_labels(Answers& answers, const std::filesystem::path& file) {
  std::vector<std::string> labels = split_lines(read_file(file));
  for (std::string& label : labels)
    if (label.ends_with('\r')) label.pop_back();
  std::string sizes;
  for (const End& end : answers.outputs) {
    if (is_vector(end) && size_of(end) == labels.size()) {
      answers.labels = std::move(labels);
      return;
    }
    sizes += (sizes.empty() ? "" : ", ") + end.name + " " + shape_text(end.shape);
  }
  throw IoError(
      fmt::format("{}: has {} lines; expected a label for each value of an output ({}), a line each",
                  file.string(), labels.size(), sizes));
}

std::string answers_text(const Answers& answers, int most) {
  std::string text;
  for (const End& end : answers.outputs) text += end_text(end) + "\n";
  text += "\n";
  std::size_t width = 0;
  for (const std::string& name : answers.inputs) width = std::max(width, name.size());
  for (std::size_t i = 0; i < answers.inputs.size(); ++i)
    for (std::size_t k = 0; k < answers.outputs.size(); ++k) {
      const auto values = output_of(answers.real[i], answers, k);
      text += fmt::format("{:<{}}  ", k == 0 ? answers.inputs[i] : "", width);
      if (answers.outputs.size() > 1) text += answers.outputs[k].name + "  ";
      text +=
          (is_vector(answers.outputs[k]) ? vector_text(answers, k, values, most) : range_text(values)) + "\n";
    }
  return text;
}

std::string answers_json(const Answers& answers, int most) {
  OrderedJson results = OrderedJson::array();
  for (std::size_t i = 0; i < answers.inputs.size(); ++i) {
    OrderedJson outputs = OrderedJson::array();
    for (std::size_t k = 0; k < answers.outputs.size(); ++k) {
      const auto values = output_of(answers.real[i], answers, k);
      OrderedJson& output = outputs.emplace_back();
      output["values"] = values;
      if (!answers.in_int8.empty()) output["int8"] = output_of(answers.in_int8[i], answers, k);
      if (!is_vector(answers.outputs[k])) continue;
      output["largest"] = OrderedJson::array();
      for (const std::size_t place : largest(values, most)) {
        OrderedJson& one =
            output["largest"].emplace_back(OrderedJson{{"place", place}, {"value", values[place]}});
        if (const std::string label = label_of(answers, k, place); !label.empty()) one["label"] = label;
      }
    }
    results.push_back({{"input", answers.inputs[i]}, {"outputs", outputs}});
  }
  const OrderedJson json = {{"model", answers.model},
                            {"arithmetic", answers.in_int8.empty() ? "float" : "int8"},
                            {"outputs", OrderedJson::parse(ends_json(answers.outputs))},
                            {"results", results}};
  return json_document("answers", json.dump(2));
}

void write_raw(const Answers& answers, const std::filesystem::path& file) {
  std::string bytes;
  const auto append = [&](const auto& values) {
    bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof values[0]);
  };
  for (const auto& values : answers.in_int8) append(values);
  if (answers.in_int8.empty())
    for (const auto& values : answers.real) append(values);
  write_file(file, bytes);
}

void write_numpy(const Answers& answers, const std::filesystem::path& file) {
  for (std::size_t k = 0; k < answers.outputs.size(); ++k) {
    const End& end = answers.outputs[k];
    std::vector<std::int64_t> shape = {static_cast<std::int64_t>(answers.inputs.size())};
    if (!is_vector(end)) shape.insert(shape.end(), {end.shape.h, end.shape.w});
    shape.push_back(end.shape.c);
    std::vector<float> values;
    for (const auto& all : answers.real) {
      const auto part = output_of(all, answers, k);
      values.insert(values.end(), part.begin(), part.end());
    }
    std::filesystem::path path = file;
    if (answers.outputs.size() > 1)
      path.replace_filename(file.stem().string() + std::to_string(k) + file.extension().string());
    write_file(path, data::numpy_file(shape, values));
  }
}

}  // namespace tinynas::app
