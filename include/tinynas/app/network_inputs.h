#pragma once

#include <span>
#include <string>
#include <vector>

#include "tinynas/app/read_model.h"

namespace tinynas::app {

/// What a network is run on, input by input: of several inputs of the network their values one behind the
/// other, [H, W, C] each.
struct NetworkInputs {
  std::vector<std::string> names = {};                 ///< "cat.png", "calls.npy[3]"
  std::vector<std::vector<std::int8_t>> in_int8 = {};  ///< of a network in int8
  std::vector<std::vector<float>> real = {};           ///< of one in float
};

/// Files or folders of pictures, .npy and .bin files (data/samples.h), in the order in which they are named;
/// of a network with several inputs one file or folder for each. Real values are quantized as the network's
/// input is. Pictures and bytes become pixel - 128, int8 values stay as they are; of a network from float,
/// and where `pixels` has a mean and a deviation of its own, they mean (value - mean) / std.
/// IoError names the file, what it holds and what was expected; ConfigError: not one argument an input.
NetworkInputs read_network_inputs(const Model& model, std::span<const std::string> files,
                                  const CalibrationSource& pixels = {});

}  // namespace tinynas::app
