#include "quant/float_interpreter.h"

#include <cmath>

#include "tinynas/quant/interpreter.h"

namespace tinynas::quant {

void FloatArithmetic::require(const ir::Graph& graph) {
  if (graph.parameters.empty()) throw GraphError("graph: no float parameters; attach weights first");
}

PackedWeights<float> FloatArithmetic::pack(const ir::Graph& graph, int layer, const FloatArithmetic&) {
  const ir::Parameters& parameters = graph.parameters[at(layer)];
  return pack_weights<float>(std::span<const float>(parameters.weight),
                             std::span<const float>(parameters.bias));
}

void FloatArithmetic::softmax(std::span<const float> in, std::span<float> out) const {
  const float largest = *std::max_element(in.begin(), in.end());
  float sum = 0;
  for (std::size_t c = 0; c < in.size(); ++c) sum += out[c] = std::exp(in[c] - largest);
  if (op_ == ir::OpKind::kLogSoftmax) {
    const float log_sum = std::log(sum);
    for (std::size_t c = 0; c < in.size(); ++c) out[c] = in[c] - largest - log_sum;
    return;
  }
  for (float& value : out) value /= sum;
}

void FloatArithmetic::activate(std::vector<float>& values) const {
  if (activation_ == ir::Activation::kNone) return;
  constexpr float kUnbounded = std::numeric_limits<float>::max();
  const float top = activation_ == ir::Activation::kRelu6 ? 6.0F : kUnbounded;
  for (float& value : values) value = std::clamp(value, 0.0F, top);
}

std::vector<float> real_pixels(std::span<const std::uint8_t> pixels, const ir::TensorQuant& input) {
  std::vector<float> values(pixels.size());
  std::transform(pixels.begin(), pixels.end(), values.begin(), [&](std::uint8_t pixel) {
    return input.scale * static_cast<float>(pixel - 128 - input.zero_point);
  });
  return values;
}

std::vector<float> run_float(const ir::Graph& graph, std::span<const float> image,
                             const FloatObserver& observe) {
  return FloatInterpreter(graph).run(image, observe);
}

}  // namespace tinynas::quant
