#include "supernet/chain/chain_norm.h"

#include <algorithm>
#include <cmath>

#include "tinynas/ir/weights.h"

// Loops over channels, not tensor operations: a network of 50 layers would otherwise call 2,000 of them a
// step.
namespace tinynas::supernet {
namespace {

torch::Tensor empty_doubles(std::int64_t n) { return torch::empty({n}, torch::kDouble); }
double* doubles(const torch::Tensor& tensor) { return tensor.data_ptr<double>(); }

}  // namespace

kernels::Norm norm_of(const NormLine* line, std::int64_t channel) {
  if (line == nullptr) return {};
  return {.scale = read(line->scale) + channel, .shift = read(line->shift) + channel};
}

kernels::NormGradient gradient_of(const GradientLine& line, std::int64_t channel) {
  return {.a = read(line.a) + channel, .b = read(line.b) + channel, .d = read(line.d) + channel};
}

ChannelSums total(const PartialSums& sums, double count) {
  const std::int64_t tasks = sums.size(0), values = 2 * sums.size(2);
  ChannelSums result{.sums = torch::zeros({2, sums.size(2)}, torch::kDouble), .count = count};
  double* to = doubles(result.sums);
  const float* from = read(sums);
  for (std::int64_t task = 0; task < tasks; ++task, from += values)
    for (std::int64_t i = 0; i < values; ++i) to[i] += from[i];
  return result;
}

ChannelSums over_all(const ChannelSums& sums, const Peers& peers) {
  if (peers.count == 1) return sums;
  ChannelSums all{.sums = sums.sums.clone(), .count = sums.count * peers.count};
  peers.add_up(all.sums);
  return all;
}

Moments moments_of(const ChannelSums& sums) {
  const std::int64_t channels = sums.sums.size(1);
  Moments moments{.mean = empty_doubles(channels), .variance = empty_doubles(channels), .count = sums.count};
  const double* sum = doubles(sums.sums);
  const double* squares = sum + channels;
  double* mean = doubles(moments.mean);
  double* variance = doubles(moments.variance);
  for (std::int64_t c = 0; c < channels; ++c) {
    mean[c] = sum[c] / sums.count;
    variance[c] = std::max(squares[c] / sums.count - mean[c] * mean[c], 0.0);
  }
  return moments;
}

NormLine norm_line(const Moments& moments, const LayerTensors& tensors) {
  const torch::Tensor mean = moments.mean.to(torch::kDouble), variance = moments.variance.to(torch::kDouble);
  const std::int64_t channels = mean.numel();
  NormLine line{.scale = torch::empty({channels}),
                .shift = torch::empty({channels}),
                .mean = mean,
                .inverse_deviation = empty_doubles(channels)};
  const float* gamma = read(tensors.gamma);
  const float* beta = read(tensors.beta);
  double* inverse = doubles(line.inverse_deviation);
  for (std::int64_t c = 0; c < channels; ++c) {
    inverse[c] = 1 / std::sqrt(doubles(variance)[c] + static_cast<double>(ir::kBatchNormEpsilon));
    const double scale = gamma[c] * inverse[c];
    write(line.scale)[c] = static_cast<float>(scale);
    write(line.shift)[c] = static_cast<float>(beta[c] - doubles(mean)[c] * scale);
  }
  return line;
}

NormBackward norm_backward(const ChannelSums& all, int processes, const torch::Tensor& gamma,
                           const NormLine& line) {
  const std::int64_t channels = gamma.numel();
  const auto empty = [&] { return torch::empty({channels}); };
  NormBackward result{.line = {.a = empty(), .b = empty(), .d = empty()}, .gamma = empty(), .beta = empty()};
  for (std::int64_t c = 0; c < channels; ++c) {
    const double mean = doubles(line.mean)[c], inverse = doubles(line.inverse_deviation)[c];
    const double beta_gradient = doubles(all.sums)[c];
    const double gamma_gradient = inverse * (doubles(all.sums)[channels + c] - mean * beta_gradient);
    const double a = read(gamma)[c] * inverse;
    const double b = -a * inverse * gamma_gradient / all.count;
    write(result.line.a)[c] = static_cast<float>(a);
    write(result.line.b)[c] = static_cast<float>(b);
    write(result.line.d)[c] = static_cast<float>(-a * beta_gradient / all.count - b * mean);
    write(result.gamma)[c] = static_cast<float>(gamma_gradient / processes);
    write(result.beta)[c] = static_cast<float>(beta_gradient / processes);
  }
  return result;
}

}  // namespace tinynas::supernet
