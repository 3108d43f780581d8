#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "tinynas/ir/graph.h"

namespace tinynas::quant {

/// Inputs of a network in real values, each made when it is asked for, by several threads at once: the input
/// tensor's values [H, W, C]. Of a streaming network they are calls that follow one another.
struct Inputs {
  std::size_t count = 0;
  std::function<std::vector<float>(std::size_t)> input = {};
};
/// Of images [N, H, W, C] of bytes: input.scale * (pixel - 128 - input.zero_point). The bytes must outlive
/// it. GraphError if they are none or no whole number of the network's inputs.
Inputs image_inputs(const ir::Graph& graph, std::span<const std::uint8_t> images,
                    const ir::TensorQuant& input);
/// Of values at hand.
Inputs listed_inputs(std::vector<std::vector<float>> inputs);

/// Smallest and largest real value of a tensor.
struct Range {
  float min = 0, max = 0;
  friend bool operator==(const Range&, const Range&) = default;
};
/// One per tensor of the graph.
using Ranges = std::vector<Range>;

/// What becomes of outliers.
enum class Clipping : std::uint8_t {
  kNone,          ///< all that was seen is within the range
  kPercentile,    ///< the range holds 99.99 % of the values
  kSquaredError,  ///< the squared errors of rounding within and of clipping without are least
  kCount
};
constexpr std::array<std::string_view, 3> kClippingNames = {"min-max", "percentile", "mse"};
static_assert(kClippingNames.size() == static_cast<std::size_t>(Clipping::kCount));
constexpr std::string_view clipping_name(Clipping clipping) {
  return kClippingNames[static_cast<std::size_t>(clipping)];
}

/// Observes every tensor of the float network on the inputs. The network's input and its scores (its output,
/// or what a softmax makes it of) are never clipped. GraphError names a tensor that is not finite.
Ranges calibrate(const ir::Graph& graph, const Inputs& inputs, Clipping clipping = Clipping::kSquaredError);
/// The same by several rules, for little more than one takes.
std::vector<Ranges> calibrate(const ir::Graph& graph, const Inputs& inputs,
                              std::span<const Clipping> clippings);

}  // namespace tinynas::quant
