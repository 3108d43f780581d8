#pragma once

#include <vector>

#include "convolve.h"
#include "tinynas/ir/graph.h"
#include "tinynas/quant/interpreter.h"

namespace tinynas::quant {

/// A float graph with its weights packed once, for many images.
class FloatNetwork {
 public:
  /// Throws GraphError if `parameters` are missing or the graph is inconsistent.
  explicit FloatNetwork(const ir::Graph& graph);
  std::vector<float> run(std::span<const float> image, const FloatObserver& observe) const;
  const ir::Graph& graph() const { return graph_; }

 private:
  std::vector<float> run_layer(int layer, std::span<const float> first, std::span<const float> second) const;

  ir::Graph graph_;
  std::vector<PackedWeights<float>> weights_;
};

/// The network's real input values: scale * (pixel - 128 - zero_point).
std::vector<float> real_pixels(std::span<const std::uint8_t> pixels, const ir::TensorQuant& input);

}  // namespace tinynas::quant
