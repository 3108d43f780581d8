#pragma once

#include <torch/torch.h>

#include "supernet/chain/chain_kernels.h"
#include "supernet/chain/chain_tasks.h"
#include "tinynas/supernet/tensors.h"

/// Batch norm between the convolutions of a chain: from sums per channel to lines per channel, in double.
namespace tinynas::supernet {

/// A batch norm as the kernels want it, [C] floats each.
struct NormLine {
  torch::Tensor scale, shift;             ///< norm(x) = scale * x + shift
  torch::Tensor mean, inverse_deviation;  ///< double
};

/// The gradient in front of a batch norm from that behind it, g, and the values in front of it, h:
/// A g + B h + D, [C] floats each.
struct GradientLine {
  torch::Tensor a, b, d;
};

/// For the kernels, from `channel` on.
kernels::Norm norm_of(const NormLine* line, std::int64_t channel = 0);
kernels::NormGradient gradient_of(const GradientLine& line, std::int64_t channel = 0);

/// Two sums per channel over `count` values, double [2, C].
struct ChannelSums {
  torch::Tensor sums;
  double count = 0;
};
/// The tasks' sums, added in their order.
ChannelSums total(const PartialSums& sums, double count);
/// The same over the batches of all processes.
ChannelSums over_all(const ChannelSums& sums, const Peers& peers);

/// Moments from sums of values and of their squares.
Moments moments_of(const ChannelSums& sums);
NormLine norm_line(const Moments& moments, const LayerTensors& tensors);

struct NormBackward {
  GradientLine line;
  torch::Tensor gamma, beta;  ///< gradients: each process's equal part of everybody's
};
/// From everybody's sums of g and g * h (Ioffe 2015, arXiv:1502.03167, section 3, gathered per channel) in
/// `processes` processes.
NormBackward norm_backward(const ChannelSums& all, int processes, const torch::Tensor& gamma,
                           const NormLine& line);

}  // namespace tinynas::supernet
