#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tinynas/app/ends.h"
#include "tinynas/app/network_inputs.h"

namespace tinynas::app {

/// What a network makes of inputs, by the interpreter.
struct Answers {
  std::string model = {};
  std::vector<End> outputs = {};
  std::vector<std::string> labels = {};  ///< of an output's places; empty: none are known
  std::vector<std::string> inputs = {};  ///< their names
  /// Of each input all outputs, one behind the other, [H, W, C] each.
  std::vector<std::vector<std::int8_t>> in_int8 = {};  ///< of a network in int8
  std::vector<std::vector<float>> real = {};
};

/// Inputs of a streaming network are its calls, in order. UnsupportedError: a network in float that streams
/// and more than one input.
Answers run_network(const Model& model, const NetworkInputs& inputs);

/// Labels, a line each; IoError unless they are as many as an output that is a vector has values.
void read_labels(Answers& answers, const std::filesystem::path& file);

/// For the terminal: of an output that is a vector the `most` largest values, of others their range.
std::string answers_text(const Answers& answers, int most);
/// As docs/json.md says.
std::string answers_json(const Answers& answers, int most);

/// The values of all inputs as they are: of each input all outputs; int8, of a network in float float32.
void write_raw(const Answers& answers, const std::filesystem::path& file);
/// Real values as float32, [N, H, W, C] or [N, C]; of several outputs FILE0.npy, FILE1.npy and so on.
void write_numpy(const Answers& answers, const std::filesystem::path& file);

}  // namespace tinynas::app
