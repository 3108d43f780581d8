#include "onnx/parameters.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "tinynas/core/error.h"

namespace tinynas::onnx {
namespace {

void require_scales(const QuantizedConstant& constant, std::size_t channels, const char* what) {
  if (constant.scale.size() != 1 && constant.scale.size() != channels)
    throw UnsupportedError(
        fmt::format("{} scales for {} output channels of the {}", constant.scale.size(), channels, what));
  if (constant.zero_point.size() > 1 && constant.zero_point.size() != channels)
    throw UnsupportedError(fmt::format("{} zero points for {} output channels of the {}",
                                       constant.zero_point.size(), channels, what));
}

std::int32_t to_bias(double value) {
  if (!(std::abs(value) < std::numeric_limits<std::int32_t>::max()))
    throw UnsupportedError("a bias does not fit 32 bits in units of input scale * weight scale");
  return static_cast<std::int32_t>(std::llround(value));
}

}  // namespace

void read_weights(const QuantizedConstant& weights, WeightLayout layout, std::size_t window,
                  ir::QuantParameters& to) {
  const auto& dims = weights.values.dims;
  const bool out_first = layout != WeightLayout::kInOut;
  const auto out = at(dims[out_first ? 0 : 1]);
  const auto in = at(dims[out_first ? 1 : 0]);
  require_scales(weights, out, "weights");
  if (weights.scale.size() > 1 && weights.axis != (out_first ? 0 : 1))
    throw UnsupportedError("the weights have scales along another axis than the output channels");
  if (weights.values.integers.size() != out * in * window)
    throw UnsupportedError("the weights are not integers");

  to.weight.resize(out * in * window);
  to.weight_scale.resize(out);
  for (std::size_t o = 0; o < out; ++o) {
    to.weight_scale[o] = weights.scale_of(o);
    for (std::size_t i = 0; i < in; ++i)
      for (std::size_t k = 0; k < window; ++k) {
        const std::size_t from = out_first ? (o * in + i) * window + k : i * out + o;
        const std::int64_t value = weights.values.integers[from] - weights.zero_point_of(o);
        if (value < -128 || value > 127)
          throw UnsupportedError(
              fmt::format("weight {} of output channel {} is outside -128..127; quantize the weights "
                          "symmetrically",
                          value, o));
        to.weight[(o * window + k) * in + i] = static_cast<std::int8_t>(value);
      }
  }
}

void read_bias(const QuantizedConstant& bias, float in_scale, ir::QuantParameters& to) {
  const std::size_t channels = to.weight_scale.size();
  require_scales(bias, channels, "bias");
  if (bias.values.integers.size() != channels)
    throw UnsupportedError(
        fmt::format("{} biases for {} output channels", bias.values.integers.size(), channels));
  to.bias.resize(channels);
  for (std::size_t c = 0; c < channels; ++c) {
    const std::int64_t value = bias.values.integers[c] - bias.zero_point_of(c);
    // ONNX stores this product as a float, so an equal one means the bias is in our unit already.
    const bool same_unit = bias.scale_of(c) == in_scale * to.weight_scale[c];
    const double unit = static_cast<double>(in_scale) * to.weight_scale[c];
    to.bias[c] = to_bias(same_unit ? static_cast<double>(value)
                                   : static_cast<double>(value) * bias.scale_of(c) / unit);
  }
}

void round_bias(std::span<const float> bias, float in_scale, ir::QuantParameters& to) {
  if (bias.size() != to.weight_scale.size())
    throw UnsupportedError(
        fmt::format("{} biases for {} output channels", bias.size(), to.weight_scale.size()));
  to.bias.resize(bias.size());
  for (std::size_t c = 0; c < bias.size(); ++c)
    to.bias[c] = to_bias(bias[c] / (static_cast<double>(in_scale) * to.weight_scale[c]));
}

}  // namespace tinynas::onnx
