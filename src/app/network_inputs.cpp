#include "tinynas/app/network_inputs.h"

#include <fmt/format.h>

#include <numeric>

#include "app/pixel_quant.h"
#include "tinynas/app/ends.h"
#include "tinynas/core/error.h"
#include "tinynas/data/samples.h"
#include "tinynas/quant/noise.h"

namespace tinynas::app {
namespace {

/// Makes values of one of the network's inputs of those of a file.
class InputReader {
 public:
  InputReader(const Model& model, std::size_t input, const CalibrationSource& pixels)
      : end_(inputs_of(model)[input]), pixels_(pixels) {
    settings_ = {.h = end_.shape.h, .w = end_.shape.w, .c = end_.shape.c, .in_order = true};
    if (input < model.input_orders.size())
      settings_.channels_first = model.input_orders[input].starts_with("C");
    scaled_ = model.in_float || pixels.mean != 0 || pixels.std != 1;
    settings_.raw_is_int8 =
        !scaled_ && input < model.input_types.size() && model.input_types[input] == import::Type::kInt8;
    feeds_pixels_ = !scaled_ || end_.quant == pixel_quant(pixels);
  }

  data::Samples read(const std::string& path) const { return data::read_samples(path, settings_); }

  std::vector<float> real(std::vector<float> values, data::SampleKind kind) const {
    if (kind != data::SampleKind::kReal && scaled_)
      for (float& value : values) value = (value - pixels_.mean) / pixels_.std;
    return values;
  }

  std::vector<std::int8_t> in_int8(const std::vector<float>& values, data::SampleKind kind) const {
    const bool as_pixels = kind == data::SampleKind::kByte && feeds_pixels_;
    if (!as_pixels && (kind == data::SampleKind::kReal || scaled_))
      return quant::to_int8(real(values, kind), *end_.quant);
    std::vector<std::int8_t> fed;
    for (const float value : values) fed.push_back(static_cast<std::int8_t>(value - (as_pixels ? 128 : 0)));
    return fed;
  }

 private:
  End end_;
  CalibrationSource pixels_;
  data::SampleSettings settings_;
  bool scaled_ = false;        ///< whole numbers mean (value - mean) / std
  bool feeds_pixels_ = false;  ///< bytes become pixel - 128
};

/// Appends what the files hold, or the values of a further input to those that are there.
void add(NetworkInputs& inputs, const InputReader& reader, const data::Samples& samples, bool in_int8,
         std::size_t from) {
  for (std::size_t i = 0; i < samples.values.size(); ++i) {
    if (from + i == inputs.names.size()) {
      inputs.names.push_back(samples.names[i]);
      in_int8 ? void(inputs.in_int8.emplace_back()) : void(inputs.real.emplace_back());
    }
    const auto append = [](auto& to, const auto& values) {
      to.insert(to.end(), values.begin(), values.end());
    };
    if (in_int8)
      append(inputs.in_int8[from + i], reader.in_int8(samples.values[i], samples.kinds[i]));
    else
      append(inputs.real[from + i], reader.real(samples.values[i], samples.kinds[i]));
  }
}

[[noreturn]] void refuse_count(const std::vector<End>& ends, std::size_t given) {
  std::string names;
  for (const End& end : ends) names += (names.empty() ? "" : ", ") + end.name + " " + shape_text(end.shape);
  throw ConfigError(
      fmt::format("inputs: {} given, the network has {}: {}; give one file or folder for each, in this order",
                  given, ends.size(), names));
}

}  // namespace

NetworkInputs read_network_inputs(const Model& model, std::span<const std::string> files,
                                  const CalibrationSource& pixels) {
  require_possible_pixels(pixels);
  const std::vector<End> ends = inputs_of(model);
  const bool in_int8 = model.graph.quant.has_value();
  NetworkInputs inputs;
  if (ends.size() == 1) {
    const InputReader reader(model, 0, pixels);
    for (const std::string& file : files)
      add(inputs, reader, reader.read(file), in_int8, inputs.names.size());
    return inputs;
  }
  if (files.size() != ends.size()) refuse_count(ends, files.size());
  for (std::size_t k = 0; k < ends.size(); ++k) {
    const InputReader reader(model, k, pixels);
    const data::Samples samples = reader.read(files[k]);
    if (k > 0 && samples.values.size() != inputs.names.size())
      throw ConfigError(fmt::format("{}: holds {} of the network's input {}; expected {}, as {} does",
                                    files[k], samples.values.size(), ends[k].name, inputs.names.size(),
                                    files[0]));
    add(inputs, reader, samples, in_int8, 0);
  }
  return inputs;
}

}  // namespace tinynas::app
