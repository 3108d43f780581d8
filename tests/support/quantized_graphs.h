#pragma once

#include <vector>

#include "support/graphs.h"
#include "tinynas/quant/quantize.h"

namespace tinynas::test {

inline std::vector<std::uint8_t> random_pixels(Rng rng, std::int64_t count) {
  std::vector<std::uint8_t> pixels(at(count));
  for (auto& pixel : pixels) pixel = static_cast<std::uint8_t>(rng.below(256));
  return pixels;
}

/// Pixels 0..255 stand for about -2..2: zero point 0 is pixel 128.
constexpr ir::TensorQuant kPixelQuant = {.scale = 1.0F / 64, .zero_point = 0};

inline quant::Ranges calibrate_on(const ir::Graph& graph, std::span<const std::uint8_t> pixels) {
  return quant::calibrate(graph, quant::image_inputs(graph, pixels, kPixelQuant));
}

/// Quantizes any float graph, calibrated on a few random images.
inline ir::Graph quantize_on_noise(const ir::Graph& graph, Rng rng, int images = 4) {
  const auto pixels = random_pixels(rng, images * ir::input_elements(graph));
  return quant::quantize(graph, calibrate_on(graph, pixels), {.input = kPixelQuant});
}

/// A quantized network of the shape the search makes.
inline ir::Graph random_quantized_network(Rng rng, int blocks = 3) {
  return quantize_on_noise(random_network(rng.fork("network"), blocks), rng.fork("images"));
}

}  // namespace tinynas::test
