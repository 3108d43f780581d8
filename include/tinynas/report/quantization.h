#pragma once

#include <string>
#include <vector>

#include "tinynas/ir/graph.h"
#include "tinynas/quant/noise.h"

namespace tinynas::report {

/// How a network in float became int8.
struct Quantization {
  std::string source = {};    ///< of the inputs: a folder, a file; empty: random values
  std::size_t inputs = 0;     ///< that it was calibrated on
  std::string clipping = {};  ///< "mse": how ranges were chosen
  bool equalised = false, bias_corrected = false;
  double output_noise = 0;                     ///< signal to noise of the output, dB
  std::vector<quant::LayerNoise> layers = {};  ///< empty: not measured
};

/// "28.3 dB"; "exact" where there is no noise.
std::string decibels(double value);
/// One line: on what, how, and what noise it makes, and which layer most.
std::string quantization_line(const Quantization& quantization, const ir::Graph& graph);
/// The line, and where they were measured a table of the layers.
std::string quantization_text(const Quantization& quantization, const ir::Graph& graph);
/// An object of JSON: source, inputs, clipping, equalised, bias_corrected, output_noise_db, noisiest_layer,
/// layers.
std::string quantization_json(const Quantization& quantization, const ir::Graph& graph);

}  // namespace tinynas::report
