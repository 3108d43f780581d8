#pragma once

#include <torch/torch.h>

#include <variant>

#include "supernet/chain/chain_norm.h"
#include "tinynas/supernet/chain.h"

/// The convolutions of a chain: a layer's weights packed for one batch, both directions.
namespace tinynas::supernet {

/// What a convolution reads: `norm` and then ReLU6 are applied on the way; null: x itself.
struct ConvolutionInput {
  torch::Tensor x;
  const NormLine* norm = nullptr;
};

/// The gradient of what a convolution wrote, h: A g + B h + D, g being the gradient behind h's batch norm.
struct OutputGradient {
  torch::Tensor g, h;
  GradientLine line;
};

struct ConvolutionGradients {
  torch::Tensor x;       ///< in front of the input's ReLU6, if it has a norm
  torch::Tensor weight;  ///< in the weight's shape
};

/// 1x1.
class PointwiseConvolution {
 public:
  PointwiseConvolution(const ChainLayer& layer, const torch::Tensor& x);
  /// The result; its sums (of h and h^2), if asked for.
  torch::Tensor forward(const ConvolutionInput& input, PartialSums* sums) const;
  /// Gradients; sums of x's gradient and of it times x, if asked for.
  ConvolutionGradients backward(const ConvolutionInput& input, const OutputGradient& output,
                                PartialSums* sums) const;

 private:
  template <typename Body>
  void for_tasks(const ConvolutionInput& input, const torch::Tensor& weight, const Body& body) const;

  std::int64_t in_, out_;
  torch::Tensor weight_;  // [out, in]
};

/// 3, 5 or 7 wide, stride 1 or 2. The same two directions.
class DepthwiseConvolution {
 public:
  DepthwiseConvolution(const ChainLayer& layer, const torch::Tensor& x);
  torch::Tensor forward(const ConvolutionInput& input, PartialSums* sums) const;
  ConvolutionGradients backward(const ConvolutionInput& input, const OutputGradient& output,
                                PartialSums* sums) const;

 private:
  template <typename Body>
  void for_tasks(const ConvolutionInput& input, const Body& body) const;
  ChannelTasks tasks() const { return {.images = images_, .channels = shape_.channels}; }

  std::int64_t images_;
  kernels::DepthwiseShape shape_;
  torch::Tensor weight_;  // packed: [block of channels][tap][channel of the block]
};

using ChainConvolution = std::variant<PointwiseConvolution, DepthwiseConvolution>;

}  // namespace tinynas::supernet
