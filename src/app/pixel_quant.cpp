#include "app/pixel_quant.h"

#include <cmath>

#include "tinynas/core/error.h"

namespace tinynas::app {

std::optional<ir::TensorQuant> pixel_quant(const CalibrationSource& source) {
  const auto mean = std::lround(source.mean);
  if (mean < 0 || mean > 255) return {};
  return ir::TensorQuant{.scale = 1 / source.std, .zero_point = static_cast<int>(mean) - 128};
}

void require_possible_pixels(const CalibrationSource& source) {
  if (!std::isfinite(source.mean) || !std::isfinite(source.std) || source.std <= 0)
    throw ConfigError("--input-std: expected a number above 0: a pixel becomes (pixel - mean) / std");
}

}  // namespace tinynas::app
