#pragma once

#include <torch/torch.h>

#include <vector>

#include "tinynas/supernet/network.h"

namespace tinynas::supernet {

/// Smaller depthwise kernels as learnt functions of larger ones (Once-for-All, arXiv:1908.09791 section 3.2):
/// the centre of the next larger kernel, as a vector, times a matrix. One matrix per layer and pair of
/// neighbouring sizes, for all channels; the identity at first, which is the centre itself.
class KernelTransforms {
 public:
  /// None: every smaller kernel is the centre of the largest.
  KernelTransforms() = default;
  /// For the depthwise layers of `largest` and the sizes of kernel that its space has, ascending.
  KernelTransforms(const Network& largest, const std::vector<int>& kernels);

  /// The kernel x kernel weights [C, 1, k, k] of layer `layer` from its largest ones.
  torch::Tensor apply(std::size_t layer, const torch::Tensor& weight, std::int64_t kernel) const;

  /// The matrices, layer by layer; they are trained.
  const std::vector<torch::Tensor>& matrices() const { return matrices_; }
  void to(const torch::Device& device);

 private:
  struct Row {
    std::size_t layer = 0;
    std::int64_t kernel = 0;  ///< that it makes
  };
  std::vector<Row> rows_;  ///< larger kernels of a layer first
  std::vector<torch::Tensor> matrices_;
};

}  // namespace tinynas::supernet
