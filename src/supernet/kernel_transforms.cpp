#include "tinynas/supernet/kernel_transforms.h"

namespace tinynas::supernet {
namespace {

torch::Tensor centre(const torch::Tensor& weight, std::int64_t kernel) {
  const std::int64_t border = (weight.size(2) - kernel) / 2;
  return weight.narrow(2, border, kernel).narrow(3, border, kernel);
}

}  // namespace

KernelTransforms::KernelTransforms(const Network& largest, const std::vector<int>& kernels) {
  for (std::size_t i = 0; i < largest.layers.size(); ++i) {
    if (largest.graph.layers[i].op != ir::OpKind::kDepthwiseConv2d) continue;
    for (auto kernel = kernels.rbegin(); kernel != kernels.rend(); ++kernel) {
      if (*kernel >= largest.graph.layers[i].kernel_h) continue;
      rows_.push_back({.layer = i, .kernel = *kernel});
      matrices_.push_back(torch::eye(std::int64_t{*kernel} * *kernel).requires_grad_(true));
    }
  }
}

torch::Tensor KernelTransforms::apply(std::size_t layer, const torch::Tensor& weight,
                                      std::int64_t kernel) const {
  torch::Tensor result = weight;
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    if (rows_[r].layer != layer || rows_[r].kernel < kernel) continue;
    const std::int64_t size = rows_[r].kernel;
    result =
        centre(result, size).reshape({-1, size * size}).matmul(matrices_[r]).reshape({-1, 1, size, size});
  }
  return result;
}

void KernelTransforms::to(const torch::Device& device) {
  for (torch::Tensor& matrix : matrices_) matrix = matrix.detach().to(device).requires_grad_(true);
}

}  // namespace tinynas::supernet
