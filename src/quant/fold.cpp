#include <fmt/format.h>

#include <cmath>

#include "tinynas/core/error.h"
#include "tinynas/ir/ops.h"
#include "tinynas/quant/quantize.h"

namespace tinynas::quant {
namespace {

/// Blobs of one layer, by the names ir/weights.h fixes.
class LayerBlobs {
 public:
  LayerBlobs(const ir::Weights& weights, std::string layer) : weights_(weights), layer_(std::move(layer)) {}

  bool has(const std::string& part) const { return weights_.contains(layer_ + "." + part); }

  const std::vector<float>& get(const std::string& part, std::int64_t expected) const {
    const std::string name = layer_ + "." + part;
    const auto found = weights_.find(name);
    if (found == weights_.end()) throw GraphError(fmt::format("weights: '{}' is missing", name));
    if (static_cast<std::int64_t>(found->second.data.size()) != expected)
      throw GraphError(
          fmt::format("weights: '{}' has {} values, expected {}", name, found->second.data.size(), expected));
    return found->second.data;
  }

 private:
  const ir::Weights& weights_;
  std::string layer_;
};

/// gamma * (conv(x) - mean) / sqrt(variance + epsilon) + beta is a convolution with scaled weights and the
/// bias beta - scale * mean (arXiv:1712.05877, section 3.2).
void fold_batch_norm(const LayerBlobs& blobs, ir::Parameters& parameters) {
  const auto channels = static_cast<std::int64_t>(parameters.bias.size());
  const auto& gamma = blobs.get("bn.gamma", channels);
  const auto& beta = blobs.get("bn.beta", channels);
  const auto& mean = blobs.get("bn.mean", channels);
  const auto& variance = blobs.get("bn.variance", channels);
  const std::size_t taps = parameters.weight.size() / parameters.bias.size();
  for (std::size_t c = 0; c < parameters.bias.size(); ++c) {
    const float scale = gamma[c] / std::sqrt(variance[c] + ir::kBatchNormEpsilon);
    for (std::size_t k = 0; k < taps; ++k) parameters.weight[c * taps + k] *= scale;
    parameters.bias[c] = beta[c] - scale * mean[c];
  }
}

}  // namespace

void attach_weights(ir::Graph& graph, const ir::Weights& weights) {
  if (graph.names.size() != graph.layers.size())
    throw GraphError("graph: layers have no names; weights are attached by name");
  std::vector<ir::Parameters> parameters(graph.layers.size());
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    const ir::Layer& layer = graph.layers[i];
    if (!ir::op_info(layer.op).has_weights) continue;
    const LayerBlobs blobs(weights, graph.names[i]);
    const std::int64_t channels = ir::layer_biases(graph, layer);
    parameters[i].weight = blobs.get("weight", ir::layer_weights(graph, layer));
    parameters[i].bias.assign(at(channels), 0.0F);
    if (blobs.has("bn.gamma"))
      fold_batch_norm(blobs, parameters[i]);
    else
      parameters[i].bias = blobs.get("bias", channels);
    for (const auto* values : {&parameters[i].weight, &parameters[i].bias})
      for (const float value : *values)
        if (!std::isfinite(value))
          throw GraphError(fmt::format("{}: weights are not finite; did training diverge?",
                                       ir::describe_layer(graph, static_cast<int>(i))));
  }
  graph.parameters = std::move(parameters);
}

}  // namespace tinynas::quant
