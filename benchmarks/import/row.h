#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tinynas/cost/device.h"

namespace tinynas::bench {

/// What is done with each file.
struct Settings {
  cost::Device device = {};            ///< for SRAM, Flash and latency
  std::vector<cost::Core> cores = {};  ///< whose boards are emulated
  int inputs = 2;                      ///< random ones
  std::filesystem::path scratch = {};  ///< what was built for one file serves the next
};

/// What became of a file: cells by name, as far as its process came.
///   read      "int8", "float"
///   refused   why, in one line
///   seconds, peak_mb    of the import to C
///   macs, sram, flash, ms, tinyengine, tflite-micro (modelled SRAM)
///   host, and a core's name    "equal", or what is wrong
///   died      how the process ended, if not by itself
using Row = std::map<std::string, std::string>;

/// Does it all in a process of its own, so that neither a crash nor memory reaches the next file.
Row measure(const std::filesystem::path& file, const Settings& settings);

}  // namespace tinynas::bench
