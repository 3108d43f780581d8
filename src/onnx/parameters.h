#pragma once

#include "onnx/tensor_proto.h"
#include "tinynas/ir/graph.h"

namespace tinynas::onnx {

/// A constant behind its DequantizeLinear: real = scale * (integer - zero_point), along `axis` or for all.
struct QuantizedConstant {
  Constant values;
  std::vector<float> scale = {};
  std::vector<std::int64_t> zero_point = {};  ///< as many as scales, or none (all 0)
  std::int64_t axis = 0;

  std::int64_t zero_point_of(std::size_t channel) const {
    return zero_point.empty() ? 0 : zero_point[zero_point.size() == 1 ? 0 : channel];
  }
  float scale_of(std::size_t channel) const { return scale[scale.size() == 1 ? 0 : channel]; }
};

/// Where output channels and taps lie in a weight tensor of ONNX.
enum class WeightLayout { kOutInWindow, kOutIn, kInOut };

/// Weights in our order with a scale per output channel. UnsupportedError if they are not symmetric 8-bit
/// values; `channels` and `taps` must fit the constant.
void read_weights(const QuantizedConstant& weights, WeightLayout layout, std::size_t window,
                  ir::QuantParameters& to);

/// Bias in units of in_scale * weight scale: kept if it is so already, else rounded to it.
void read_bias(const QuantizedConstant& bias, float in_scale, ir::QuantParameters& to);
/// The same for a bias that was left float.
void round_bias(std::span<const float> bias, float in_scale, ir::QuantParameters& to);

}  // namespace tinynas::onnx
