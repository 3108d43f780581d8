#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tinynas/ir/graph.h"
#include "tinynas/ir/weights.h"

namespace tinynas::quant {

/// Fills `graph.parameters` from weights by layer name, batch norm folded in (scale gamma / sqrt(variance +
/// epsilon)). GraphError names a missing or wrongly sized blob.
void attach_weights(ir::Graph& graph, const ir::Weights& weights);

/// Smallest and largest real value of a tensor.
struct Range {
  float min = 0, max = 0;
  friend bool operator==(const Range&, const Range&) = default;
};
/// One per tensor of the graph.
using Ranges = std::vector<Range>;

/// Observes every tensor of the float network on `images` ([N, H, W, C] bytes; the input's real values are
/// input.scale * (pixel - 128 - input.zero_point)); outliers are clipped to minimise the squared rounding
/// error.
Ranges calibrate(const ir::Graph& graph, std::span<const std::uint8_t> images, const ir::TensorQuant& input);

/// int8 (docs/design.md, "Arithmetic"): activations per tensor, asymmetric; weights per output channel,
/// symmetric; ReLU and ReLU6 vanish into the saturation. Returns a graph with `quant` filled, `parameters`
/// empty, activations kNone.
ir::Graph quantize(const ir::Graph& graph, const Ranges& ranges, const ir::TensorQuant& input);

}  // namespace tinynas::quant
