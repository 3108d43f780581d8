#pragma once

#include <torch/torch.h>

#include "supernet/chain_norm.h"

/// The passes around the convolutions of a chain, over all images. Tensors of values are all float or all
/// bfloat16.
namespace tinynas::supernet {

/// Sums of x and x^2.
PartialSums sums_of(const torch::Tensor& x);

/// What follows the last batch norm of a chain: ReLU6 or not, then plus `addend` if it is defined.
torch::Tensor finish(const torch::Tensor& h, const NormLine& line, bool relu6, const torch::Tensor& addend);

struct FinishBackward {
  torch::Tensor g;   ///< behind the batch norm, in front of ReLU6
  PartialSums sums;  ///< of g and g * h
};
FinishBackward finish_backward(const torch::Tensor& gradient, const torch::Tensor& h, const NormLine& line,
                               bool relu6);

/// A g + B h + D
torch::Tensor before_norm(const torch::Tensor& g, const torch::Tensor& h, const GradientLine& line);

}  // namespace tinynas::supernet
