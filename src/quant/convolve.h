#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tinynas/ir/graph.h"

namespace tinynas::quant {

/// Output channels that are computed together; packed weights and accumulators are padded to a multiple.
constexpr int kLanes = 8;
constexpr int round_up_lanes(int channels) { return (channels + kLanes - 1) / kLanes * kLanes; }

/// Weights of a convolution, depthwise convolution or dense layer, T = float or int32:
/// [channels / kLanes][taps][kLanes], and one bias per channel; zeros where the last block has no channel.
template <typename T>
struct PackedWeights {
  std::vector<T> weight, bias = {};
};

template <typename T, typename Source>
PackedWeights<T> pack_weights(std::span<const Source> weights, std::span<const T> bias) {
  const std::size_t channels = bias.size();
  const std::size_t taps = weights.size() / channels;
  const auto padded = at(round_up_lanes(static_cast<int>(channels)));
  PackedWeights<T> packed{.weight = std::vector<T>(padded * taps), .bias = std::vector<T>(padded)};
  for (std::size_t c = 0; c < channels; ++c) {
    packed.bias[c] = bias[c];
    T* block = packed.weight.data() + c / kLanes * kLanes * taps + c % kLanes;
    for (std::size_t k = 0; k < taps; ++k) block[k * kLanes] = static_cast<T>(weights[c * taps + k]);
  }
  return packed;
}

/// The sums of a layer with weights over one image [H, W, C], the bias included:
/// [pixels][round_up_lanes(Cout)]. Outside the image every tap reads `outside` (the zero point; 0 for float).
/// A sum's order is the same on every machine: bias, then the taps in the order of the weights.
std::vector<std::int32_t> accumulate(const ir::Layer& layer, ir::Shape in, ir::Shape out,
                                     std::span<const std::int8_t> image, std::int32_t outside,
                                     const PackedWeights<std::int32_t>& weights);
std::vector<float> accumulate(const ir::Layer& layer, ir::Shape in, ir::Shape out,
                              std::span<const float> image, float outside,
                              const PackedWeights<float>& weights);

}  // namespace tinynas::quant
