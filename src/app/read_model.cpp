#include "tinynas/app/read_model.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/pixel_quant.h"
#include "tinynas/app/ends.h"
#include "tinynas/core/error.h"
#include "tinynas/core/rng.h"
#include "tinynas/data/samples.h"
#include "tinynas/import/import.h"
#include "tinynas/quant/post_training.h"

namespace tinynas::app {
namespace {

constexpr std::size_t kFewInputs = 4;  // where only the costs are asked for

/// What to calibrate on, and how to take it.
struct ToCalibrate {
  quant::Inputs inputs = {};
  std::optional<ir::TensorQuant> input = {};  ///< of the network's input, where it is fixed
  bool on_pixels = false;
};

/// Standard normal.
quant::Inputs random_values(const ir::Graph& graph, std::size_t count, std::uint64_t seed) {
  const auto size = static_cast<std::size_t>(ir::input_elements(graph));
  return {.count = count, .input = [size, rng = Rng(seed)](std::size_t i) {
            Rng own = rng.fork("calibrate", i);
            std::vector<float> values(size);
            for (float& value : values) value = static_cast<float>(own.normal());
            return values;
          }};
}

void require_possible(const CalibrationSource& source) {
  require_possible_pixels(source);
  if (source.most < 1) throw ConfigError("--calibrate-images: expected at least 1");
}

/// For model.h: what a pixel means, and what of it is fed.
std::string pixel_text(const CalibrationSource& source, bool feeds_pixels) {
  return fmt::format(" Its input was calibrated on pixels: real value = (pixel - {}) / {}{}.", source.mean,
                     source.std, feeds_pixels ? "; feed pixel - 128" : "");
}

bool is_channels_first(const import::Network& network) {
  return !network.input_orders.empty() && network.input_orders.front().starts_with("C");
}

ToCalibrate calibration_of(const import::Network& network, const CalibrationSource& source) {
  if (source.from == kRandomInputs)
    return {.inputs = random_values(network.graph, static_cast<std::size_t>(source.most), source.seed)};
  if (network.graph.input_count() > 1)
    throw UnsupportedError(
        "--calibrate: a network with several inputs is calibrated on random ones alone; give --calibrate "
        "random");
  const ir::Shape& input = network.graph.tensor(network.graph.input);
  data::Samples samples = data::read_samples(source.from, {.h = input.h,
                                                           .w = input.w,
                                                           .c = input.c,
                                                           .channels_first = is_channels_first(network),
                                                           .mean = source.mean,
                                                           .std = source.std,
                                                           .in_order = ir::is_streaming(network.graph),
                                                           .most = source.most,
                                                           .seed = source.seed});
  const bool are_bytes = samples.are_bytes();
  if (samples.values.size() > static_cast<std::size_t>(source.most))  // all are read where they are in order
    samples.values.resize(static_cast<std::size_t>(source.most));
  return {.inputs = quant::listed_inputs(std::move(samples.values)),
          .input = are_bytes ? pixel_quant(source) : std::nullopt,
          .on_pixels = are_bytes};
}

/// Quantizes by what leaves most signal, and measures it.
Model quantized(Model model, const ToCalibrate& calibration, const CalibrationSource& pixels,
                const std::string& source) {
  quant::PostTraining made = [&] {
    try {
      return quant::quantize_after_training(*model.in_float, calibration.inputs,
                                            {.input = calibration.input});
    } catch (const GraphError& error) {
      throw UnsupportedError(fmt::format("{}: {}", model.file.string(), error.what()));
    }
  }();
  model.quantization =
      report::Quantization{.source = source,
                           .inputs = calibration.inputs.count,
                           .clipping = std::string(quant::clipping_name(made.clipping)),
                           .equalised = made.equalised,
                           .bias_corrected = made.bias_corrected,
                           .output_noise = quant::output_noise(made.network, made.graph, calibration.inputs),
                           .layers = quant::layer_noise(made.network, made.graph, calibration.inputs)};
  model.graph = std::move(made.graph);
  if (calibration.on_pixels)
    model.metadata["tinynas.input"] += pixel_text(pixels, calibration.input.has_value());
  return model;
}

/// Ranges of a few random inputs, for what it costs.
Model costed(Model model) {
  const quant::Inputs inputs = random_values(*model.in_float, kFewInputs, 1);
  model.graph =
      quant::quantize(*model.in_float, quant::calibrate(*model.in_float, inputs, quant::Clipping::kNone));
  model.quantization = report::Quantization{
      .source = "", .inputs = inputs.count, .clipping = std::string(clipping_name(quant::Clipping::kNone))};
  return model;
}

/// The file as it is: a network in float has no `graph` yet.
Model read_file_of(const std::filesystem::path& file, import::Network& network,
                   const CalibrationSource& source) {
  network = import::read_network(file);
  Model model{.file = file,
              .metadata = network.metadata,
              .input_orders = network.input_orders,
              .input_types = network.input_types};
  if (network.is_float()) {
    require_possible(source);
    model.in_float = network.graph;
  } else {
    if (!source.from.empty())
      throw ConfigError(fmt::format("--calibrate: {} is in int8 already; leave it out", file.string()));
    model.graph = std::move(network.graph);
  }
  return model;
}

/// UnsupportedError unless a network takes an image and makes a score for each class.
void require_scores(const std::filesystem::path& file, const ir::Graph& graph) {
  constexpr const char* kNeeds = "eval needs one input of images and one output, a score for each class";
  if (graph.has_several_ends())
    throw UnsupportedError(fmt::format("{}: has {} inputs and {} outputs; {}", file.string(),
                                       graph.input_count(), graph.output_count(), kNeeds));
  if (ir::is_streaming(graph))
    throw UnsupportedError(fmt::format("{}: keeps rows from call to call; {}", file.string(), kNeeds));
  if (const ir::Shape& made = graph.tensor(graph.output);
      made.elements() != std::max({made.h, made.w, made.c}))
    throw UnsupportedError(fmt::format("{}: makes {}; {} (tinynas run prints what it makes)", file.string(),
                                       shape_text(made), kNeeds));
}

}  // namespace

Model read_model(const std::filesystem::path& file, const CalibrationSource& source, Uncalibrated otherwise) {
  import::Network network;
  Model model = read_file_of(file, network, source);
  if (!model.in_float) return model;
  if (!source.from.empty())
    return quantized(std::move(model), calibration_of(network, source), source,
                     source.from == kRandomInputs ? "" : source.from);
  if (otherwise == Uncalibrated::kKept) return model;
  if (otherwise == Uncalibrated::kCosted) return costed(std::move(model));
  throw ConfigError(fmt::format(
      "{}: is in float; int8 needs inputs like those in use: --calibrate DIR (pictures, .npy or .bin files), "
      "for figures only --calibrate random",
      file.string()));
}

Model read_pixel_model(const std::filesystem::path& file, const CalibrationSource& source,
                       const std::function<const data::ImageSet&()>& training_images) {
  import::Network network;
  Model model = read_file_of(file, network, source);
  require_scores(file, model.in_float ? *model.in_float : model.graph);
  if (!model.in_float) return model;
  const std::optional<ir::TensorQuant> pixels = pixel_quant(source);
  if (!pixels)
    throw ConfigError(fmt::format("--input-mean: is {}; expected 0 to 255, as pixels are", source.mean));
  if (!source.from.empty()) {
    ToCalibrate calibration = calibration_of(network, source);
    calibration.input = pixels;
    return quantized(std::move(model), calibration, source, source.from == kRandomInputs ? "" : source.from);
  }
  const ir::Shape& input = network.graph.tensor(network.graph.input);
  const data::ImageSet& training = training_images();
  if (training.c != input.c)
    throw ConfigError(fmt::format(
        "--dataset: its images have {} channels, the model takes {}; choose the data set it was trained on",
        training.c, input.c));
  const auto most = static_cast<std::size_t>(source.most);
  const data::ImageSet some =
      data::resize(most < training.size() ? data::hold_out(training, most, source.seed).validation : training,
                   input.h, input.w);
  return quantized(std::move(model),
                   {.inputs = quant::image_inputs(*model.in_float, some.pixels, *pixels),
                    .input = pixels,
                    .on_pixels = true},
                   source, "the data set's training images");
}

}  // namespace tinynas::app
