#include "tinynas/train/optimizer.h"

namespace tinynas::train {

FlatSgd::FlatSgd(std::vector<torch::Tensor> parameters, const Options& options)
    : options_(options), parameters_(std::move(parameters)) {
  const torch::NoGradGuard no_grad;
  std::int64_t count = 0;
  for (const torch::Tensor& p : parameters_) count += p.numel();
  values_ = torch::empty({count}, parameters_.front().options().requires_grad(false));
  gradients_ = torch::zeros_like(values_);
  momenta_ = torch::zeros_like(values_);
  decay_ = torch::zeros_like(values_);
  std::int64_t at = 0;
  for (torch::Tensor& p : parameters_) {
    const auto view = [&](const torch::Tensor& flat) {
      return flat.narrow(0, at, p.numel()).view(p.sizes());
    };
    view(values_).copy_(p);
    if (p.dim() > 1) view(decay_).fill_(options_.weight_decay);
    p.set_data(view(values_));
    p.mutable_grad() = view(gradients_);
    at += p.numel();
  }
  if (options_.average > 0) averages_ = values_.clone();
}

void FlatSgd::step(double learning_rate) {
  const torch::NoGradGuard no_grad;
  if (options_.clip_norm > 0) {
    const double norm = gradients_.norm().item<double>();
    if (norm > options_.clip_norm) gradients_.mul_(options_.clip_norm / norm);
  }
  gradients_.addcmul_(values_, decay_);
  momenta_.mul_(options_.momentum).add_(gradients_);
  values_.add_(gradients_, -learning_rate).add_(momenta_, -learning_rate * options_.momentum);
  if (averages_.defined()) averages_.mul_(options_.average).add_(values_, 1 - options_.average);
}

void FlatSgd::take_averages() {
  const torch::NoGradGuard no_grad;
  if (averages_.defined()) values_.copy_(averages_);
}

void FlatSgd::restart() {
  const torch::NoGradGuard no_grad;
  momenta_.zero_();
  if (averages_.defined()) averages_.copy_(values_);
}

}  // namespace tinynas::train
