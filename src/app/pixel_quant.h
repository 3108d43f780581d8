#pragma once

#include <optional>

#include "tinynas/app/read_model.h"

namespace tinynas::app {

/// Of an input whose int8 is pixel - 128; nothing where no zero point makes it (pixel - mean) / std.
std::optional<ir::TensorQuant> pixel_quant(const CalibrationSource& source);

/// ConfigError unless --input-mean and --input-std are numbers that pixels can be scaled by.
void require_possible_pixels(const CalibrationSource& source);

}  // namespace tinynas::app
