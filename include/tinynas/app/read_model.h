#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "tinynas/data/dataset.h"
#include "tinynas/import/plain_model.h"
#include "tinynas/ir/graph.h"
#include "tinynas/report/quantization.h"

namespace tinynas::app {

/// What a network in float is calibrated on. Networks in int8 need none.
struct CalibrationSource {
  std::string from = {};    ///< a folder or file (data/samples.h), or kRandomInputs; empty: nothing was given
  float mean = 0, std = 1;  ///< a pixel becomes (pixel - mean) / std
  int most = 200;           ///< inputs
  std::uint64_t seed = 1;
};
inline constexpr const char* kRandomInputs = "random";

/// What a network in float is without anything to calibrate on.
enum class Uncalibrated {
  kRefused,  ///< ConfigError says what to give
  kKept,     ///< left in float: `graph` is empty
  kCosted,   ///< quantized on a few random inputs: what it costs does not depend on its values
};

/// A network in int8, whichever its file's was, and what the file says about it.
struct Model {
  std::filesystem::path file = {};
  ir::Graph graph = {};
  std::map<std::string, std::string> metadata = {};
  std::vector<std::string> input_orders = {};  ///< import::Network's
  std::vector<import::Type> input_types = {};  ///< import::Network's
  std::optional<ir::Graph> in_float = {};      ///< the file's own network
  std::optional<report::Quantization> quantization = {};
};
/// Reads an .onnx or .tflite file, and quantizes a network in float. IoError: unreadable; UnsupportedError:
/// not of the operators that are known; ConfigError: nothing to calibrate on, or a network in int8 and
/// something.
Model read_model(const std::filesystem::path& file, const CalibrationSource& calibration = {},
                 Uncalibrated otherwise = Uncalibrated::kRefused);
/// The same where the network is to take pixels and to score classes, which others are refused for: without a
/// source, training images calibrate it. They are asked for when the network is read.
Model read_pixel_model(const std::filesystem::path& file, const CalibrationSource& calibration,
                       const std::function<const data::ImageSet&()>& training_images);

}  // namespace tinynas::app
