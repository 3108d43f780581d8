#pragma once

#include <torch/torch.h>

#include "supernet/chain/chain_norm.h"

/// The passes around the convolutions of a chain, over all images. Tensors of values are all float or all
/// bfloat16.
namespace tinynas::supernet {

/// Sums of x and x^2.
PartialSums sums_of(const torch::Tensor& x);

/// What follows the last batch norm of a chain, beside what is added there.
struct ChainEnd {
  bool relu6 = false;
  bool pooled = false;  ///< maximum pooling of 2x2
};

/// The chain's output: the end, then plus `addend` if it is defined.
torch::Tensor finish(const torch::Tensor& h, const NormLine& line, ChainEnd end, const torch::Tensor& addend);

/// Sums of g and g * h, where g is `gradient` (of the output) in front of the end; g itself goes to `*g` if
/// that is not null (not where the end pools).
PartialSums finish_backward(const torch::Tensor& gradient, const torch::Tensor& h, const NormLine& line,
                            ChainEnd end, torch::Tensor* g);

/// A g + B h + D with the same g.
torch::Tensor before_norm(const torch::Tensor& gradient, const torch::Tensor& h, const NormLine& norm,
                          ChainEnd end, const GradientLine& line);

}  // namespace tinynas::supernet
