#include <algorithm>
#include <cmath>

#include "tinynas/core/error.h"
#include "tinynas/data/dataset.h"

namespace tinynas::data {

PixelScaling measure_pixel_scaling(const ImageSet& images) {
  TINYNAS_CHECK(!images.pixels.empty(), "pixel scaling is measured on at least one image");
  std::int64_t sum = 0, sum_of_squares = 0;  // exact: 2^16 * 10^12 pixels fit
  for (const std::uint8_t pixel : images.pixels) {
    sum += pixel;
    sum_of_squares += std::int64_t{pixel} * pixel;
  }
  const auto n = static_cast<double>(images.pixels.size());
  const double mean = static_cast<double>(sum) / n;
  const double variance = static_cast<double>(sum_of_squares) / n - mean * mean;

  constexpr int kFirmwareOffset = 128;   // firmware feeds pixel - 128
  constexpr double kLeastDeviation = 1;  // of a grey level: a data set of blank images still scales
  PixelScaling scaling;
  scaling.scale = static_cast<float>(1 / std::max(kLeastDeviation, std::sqrt(std::max(0.0, variance))));
  scaling.zero_point = static_cast<int>(std::lround(mean)) - kFirmwareOffset;
  return scaling;
}

}  // namespace tinynas::data
