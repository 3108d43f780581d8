#include <fmt/format.h>

#include "quant/float_interpreter.h"
#include "tinynas/core/error.h"
#include "tinynas/quant/calibrate.h"

namespace tinynas::quant {

Inputs image_inputs(const ir::Graph& graph, std::span<const std::uint8_t> images,
                    const ir::TensorQuant& input) {
  const auto pixels = at(ir::input_elements(graph));
  if (images.empty() || images.size() % pixels != 0)
    throw GraphError(
        fmt::format("calibrate: {} bytes are no whole number of images of {} bytes", images.size(), pixels));
  return {.count = images.size() / pixels,
          .input = [=](std::size_t i) { return real_pixels(images.subspan(i * pixels, pixels), input); }};
}

Inputs listed_inputs(std::vector<std::vector<float>> inputs) {
  const std::size_t count = inputs.size();
  return {.count = count, .input = [listed = std::move(inputs)](std::size_t i) { return listed[i]; }};
}

}  // namespace tinynas::quant
