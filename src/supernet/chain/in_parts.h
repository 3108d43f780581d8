#pragma once

#include <torch/torch.h>

/// The layers that LibTorch computes beside chains, with sums over images that are taken over parts of the
/// batch and added up by pairwise_sum(), as those of chains are.
namespace tinynas::supernet {

struct ConvolutionStep {
  std::int64_t stride_h = 1, stride_w = 1, pad_h = 0, pad_w = 0, groups = 1;
};
/// Without bias; x [N, C, H, W] on the CPU, float or bfloat16: the convolution's and its result's precision.
torch::Tensor convolve_in_parts(const torch::Tensor& x, const torch::Tensor& weight,
                                const ConvolutionStep& step);

/// x [N, C], weight [out, C], bias [out], on the CPU.
torch::Tensor linear_in_parts(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias);

}  // namespace tinynas::supernet
