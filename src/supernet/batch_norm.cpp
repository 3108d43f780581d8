#include "tinynas/supernet/batch_norm.h"

#include "tinynas/core/error.h"

namespace tinynas::supernet {
namespace {

/// Sums over images and pixels, per channel, in double: E[x^2] - E[x]^2 loses half the digits.
struct Moments {
  torch::Tensor sum, squares;
  double count = 0;
};

void add(Moments& moments, const torch::Tensor& x) {
  const auto [variance, mean] = torch::var_mean(x, {0, 2, 3}, /*unbiased=*/false);
  const double count = static_cast<double>(x.numel() / x.size(1));
  const torch::Tensor m = mean.to(torch::kDouble), v = variance.to(torch::kDouble);
  if (!moments.sum.defined()) moments = {torch::zeros_like(m), torch::zeros_like(m), 0};
  moments.sum += m * count;
  moments.squares += (v + m * m) * count;
  moments.count += count;
}

}  // namespace

void reestimate_batch_norm(Network& network, const BatchSource& source, std::size_t batches) {
  TINYNAS_CHECK(batches > 0, "no images to estimate batch norm on");
  const torch::NoGradGuard no_grad;
  std::vector<Moments> moments(network.layers.size());
  for (std::size_t b = 0; b < batches; ++b)
    forward(network, source(b), Statistics::kBatch, [&](std::size_t layer, const torch::Tensor& x) {
      if (network.layers[layer].gamma.defined()) add(moments[layer], x);
    });
  for (std::size_t i = 0; i < moments.size(); ++i) {
    if (moments[i].count == 0) continue;
    const torch::Tensor mean = moments[i].sum / moments[i].count;
    network.layers[i].mean = mean.to(torch::kFloat);
    network.layers[i].variance =
        (moments[i].squares / moments[i].count - mean * mean).clamp_min(0).to(torch::kFloat);
  }
}

Network fold_batch_norm(const Network& network) {
  const torch::NoGradGuard no_grad;
  Network folded = network;
  for (LayerTensors& layer : folded.layers) {
    if (!layer.gamma.defined()) continue;
    TINYNAS_CHECK(layer.mean.defined(), "batch norm was not re-estimated");
    const torch::Tensor scale = layer.gamma / torch::sqrt(layer.variance + ir::kBatchNormEpsilon);
    layer = {.weight = layer.weight * scale.reshape({-1, 1, 1, 1}), .bias = layer.beta - layer.mean * scale};
  }
  return folded;
}

}  // namespace tinynas::supernet
