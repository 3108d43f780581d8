#include "tinynas/supernet/batch_norm.h"

#include "tinynas/core/error.h"
#include "tinynas/ir/weights.h"
#include "tinynas/supernet/forward.h"

namespace tinynas::supernet {
namespace {

/// Moments of the union of batches (Chan 1979): their means spread too.
void merge(Moments& total, const Moments& batch) {
  if (total.count == 0) {
    total = batch;
    return;
  }
  const double count = total.count + batch.count, share = batch.count / count;
  const torch::Tensor distance = batch.mean - total.mean;
  total.variance = total.variance + share * (batch.variance - total.variance) +
                   share * (total.count / count) * distance * distance;
  total.mean = total.mean + share * distance;
  total.count = count;
}

}  // namespace

void reestimate_batch_norm(Network& network, const BatchSource& source, std::size_t batches,
                           Precision precision) {
  if (batches == 0)
    throw ConfigError("batch norm: no images to estimate its statistics on; give 1 batch or more");
  const torch::NoGradGuard no_grad;
  std::vector<Moments> moments(network.layers.size());
  for (std::size_t b = 0; b < batches; ++b)
    forward(network, source(b),
            {.precision = precision,
             .observe = [&](std::size_t layer, const Moments& batch) { merge(moments[layer], batch); }});
  for (std::size_t i = 0; i < moments.size(); ++i) {
    if (moments[i].count == 0) continue;
    network.layers[i].mean = moments[i].mean.to(torch::kFloat);
    network.layers[i].variance = moments[i].variance.to(torch::kFloat);
  }
}

Network fold_batch_norm(const Network& network) {
  const torch::NoGradGuard no_grad;
  Network folded = network;
  for (LayerTensors& layer : folded.layers) {
    if (!layer.gamma.defined()) continue;
    require_statistics(layer);
    const torch::Tensor scale = layer.gamma / torch::sqrt(layer.variance + ir::kBatchNormEpsilon);
    layer = {.weight = layer.weight * scale.reshape({-1, 1, 1, 1}), .bias = layer.beta - layer.mean * scale};
  }
  return folded;
}

}  // namespace tinynas::supernet
