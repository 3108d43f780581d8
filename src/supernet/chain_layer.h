#pragma once

#include <torch/torch.h>

#include "tinynas/supernet/chain.h"

namespace tinynas::supernet {

/// A batch norm as the kernels want it, [C] floats each.
struct NormLine {
  torch::Tensor scale, shift;             ///< norm(x) = scale * x + shift
  torch::Tensor mean, inverse_deviation;  ///< double
};

/// Per-channel sums over the batch, one row of partial sums per task: [tasks, 2, C].
using PartialSums = torch::Tensor;

/// A convolution of a chain for one batch: shapes and packed weights.
class ChainConvolution {
 public:
  ChainConvolution(const ChainLayer& layer, const torch::Tensor& x);

  /// The convolution of norm(x) (of x itself if `x_norm` is null); `sums` of y and y^2, if asked for.
  torch::Tensor forward(const torch::Tensor& x, const NormLine* x_norm, PartialSums* sums) const;

  /// Gradients from `g`, the gradient behind y's batch norm, whose own gradient is the line A g + B y + D.
  struct GradientLine {
    torch::Tensor a, b, d;
  };
  struct Result {
    torch::Tensor x;       ///< in front of x's ReLU6 if x_norm, with `sums` of it and it times x
    torch::Tensor weight;  ///< in the weight's shape
  };
  Result backward(const torch::Tensor& x, const NormLine* x_norm, const torch::Tensor& g,
                  const torch::Tensor& y, const GradientLine& line, PartialSums* sums) const;

 private:
  torch::Tensor forward_depthwise(const torch::Tensor& x, const NormLine* x_norm, PartialSums* sums) const;
  torch::Tensor forward_pointwise(const torch::Tensor& x, const NormLine* x_norm, PartialSums* sums) const;
  Result backward_depthwise(const torch::Tensor& x, const NormLine* x_norm, const torch::Tensor& g,
                            const torch::Tensor& y, const GradientLine& line, PartialSums* sums) const;
  Result backward_pointwise(const torch::Tensor& x, const NormLine* x_norm, const torch::Tensor& g,
                            const torch::Tensor& y, const GradientLine& line, PartialSums* sums) const;

  bool depthwise_;
  int kernel_, stride_;
  std::int64_t n_, in_, h_, w_, out_, out_h_, out_w_;
  torch::Tensor weight_;  ///< depthwise: packed in blocks of channels; pointwise: [out, in]
};

/// Moments from sums of `count` values and their squares per channel, in double.
Moments moments_of(const PartialSums& sums, double count);
NormLine norm_line(const Moments& moments, const LayerTensors& tensors);

struct NormBackward {
  ChainConvolution::GradientLine line;
  torch::Tensor gamma, beta;  ///< gradients
};
/// From sums of g and g * h over `count` values (Ioffe 2015, arXiv:1502.03167, section 3, gathered per
/// channel).
NormBackward norm_backward(const PartialSums& sums, double count, const torch::Tensor& gamma,
                           const NormLine& line);

/// The passes around the convolutions, over all images.
PartialSums sums_of(const torch::Tensor& x);
torch::Tensor finish(const torch::Tensor& h, const NormLine& line, bool relu6, const torch::Tensor& residual);
struct FinishBackward {
  torch::Tensor g;  ///< behind the batch norm, in front of ReLU6
  PartialSums sums;
};
FinishBackward finish_backward(const torch::Tensor& gradient, const torch::Tensor& h, const NormLine& line,
                               bool relu6);
/// A g + B h + D
torch::Tensor before_norm(const torch::Tensor& g, const torch::Tensor& h,
                          const ChainConvolution::GradientLine& line);

}  // namespace tinynas::supernet
