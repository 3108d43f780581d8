#pragma once

#include "tinynas/app/run_directory.h"
#include "tinynas/quant/quantize.h"

namespace tinynas::app {

/// What calibration leaves for the export, and what it saw.
struct Calibration {
  quant::Ranges ranges;
  ir::TensorQuant input;
  std::size_t images = 0;
  double accuracy = 0;  ///< percent of the held-out images in int8
};

/// ranges.json: floats are written so that they read back to the bit.
void write_ranges(const RunDirectory& run, const Calibration& calibration);
Calibration read_ranges(const RunDirectory& run);

}  // namespace tinynas::app
