#pragma once

#include <vector>

#include "quant/layer_interpreter.h"

namespace tinynas::quant {

/// The arithmetic of real values, as operations.h and layer_interpreter.h want it.
class FloatArithmetic {
 public:
  using Value = float;
  using Sum = float;

  static void require(const ir::Graph& graph);
  FloatArithmetic(const ir::Graph& graph, int layer)
      : activation_(graph.layer(layer).activation),
        function_(graph.layer(layer).function),
        slope_(graph.layer(layer).slope),
        op_(graph.layer(layer).op),
        subtracts_(graph.layer(layer).subtracts) {}
  static PackedWeights<float> pack(const ir::Graph& graph, int layer, const FloatArithmetic&);

  static float zero(const ir::Graph&, int) { return 0; }
  float outside() const { return 0; }
  float weighted(float sum, std::size_t) const { return sum; }
  float add(float a, float b) const { return subtracts_ ? a - b : a + b; }
  float extreme(float a, float b) const {
    return op_ == ir::OpKind::kMinimum ? std::min(a, b) : std::max(a, b);
  }
  float mul(float a, float b) const { return a * b; }
  float joined(float value, int) const { return value; }
  float centred(float value) const { return value; }
  float mean(float sum, int pixels) const { return sum / static_cast<float>(pixels); }
  float global_mean(float sum, int pixels) const { return mean(sum, pixels); }
  void softmax(std::span<const float> in, std::span<float> out) const;
  float function(float x) const {
    return static_cast<float>(ir::function_info(function_).value(x, double{slope_}));
  }
  void activate(std::vector<float>& values) const;

 private:
  ir::Activation activation_;
  ir::Function function_;
  float slope_;
  ir::OpKind op_;
  bool subtracts_;
};

using FloatInterpreter = LayerInterpreter<FloatArithmetic>;

/// The network's real input values: scale * (pixel - 128 - zero_point).
std::vector<float> real_pixels(std::span<const std::uint8_t> pixels, const ir::TensorQuant& input);

}  // namespace tinynas::quant
