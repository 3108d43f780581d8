#pragma once

#include <optional>
#include <vector>

#include "tinynas/ir/graph.h"
#include "tinynas/ir/weights.h"
#include "tinynas/quant/calibrate.h"

namespace tinynas::quant {

/// Fills `graph.parameters` from weights by layer name, batch norm folded in (scale gamma / sqrt(variance +
/// epsilon)). GraphError names a missing or wrongly sized blob.
void attach_weights(ir::Graph& graph, const ir::Weights& weights);

/// The mean of every channel of every tensor, over all pixels and inputs.
using ChannelMeans = std::vector<std::vector<float>>;

struct QuantizeOptions {
  std::optional<ir::TensorQuant> input = {};  ///< of the network's input; without it its range decides
  ChannelMeans means = {};  ///< where given, biases make up for what rounded weights add on average
};

/// int8 (docs/design.md, "Arithmetic"): activations per tensor, asymmetric; weights per output channel,
/// symmetric; ReLU and ReLU6 vanish into the saturation. Returns a graph with `quant` filled, `parameters`
/// empty, activations kNone.
ir::Graph quantize(const ir::Graph& graph, const Ranges& ranges, const QuantizeOptions& options = {});

}  // namespace tinynas::quant
