#include "tinynas/supernet/forward.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

#include "supernet/chain/chain_plan.h"
#include "supernet/chain/in_parts.h"
#include "supernet/shared_batch_norm.h"
#include "tinynas/core/error.h"
#include "tinynas/ir/weights.h"
#include "tinynas/supernet/chain.h"

namespace tinynas::supernet {
namespace {

Moments moments_of(const torch::Tensor& x) {
  const auto [variance, mean] = torch::var_mean(x.detach(), {0, 2, 3}, /*unbiased=*/false);
  return {.mean = mean.to(torch::kDouble),
          .variance = variance.to(torch::kDouble),
          .count = static_cast<double>(x.numel() / x.size(1))};
}

torch::Tensor activate(const torch::Tensor& x, ir::Activation activation) {
  switch (activation) {
    case ir::Activation::kRelu:
      return torch::relu(x);
    case ir::Activation::kRelu6:
      return torch::relu6(x);
    default:
      return x;
  }
}

/// One row per ir::Function, in its order; those that are not trained have none.
constexpr std::array<torch::Tensor (*)(const torch::Tensor&), static_cast<std::size_t>(ir::Function::kCount)>
    kFunctions = {nullptr, torch::sigmoid, torch::hardsigmoid, torch::hardswish};

torch::Tensor normalize(const LayerTensors& tensors, const torch::Tensor& x, const ForwardOptions& options) {
  const bool batch = options.statistics == Statistics::kBatch;
  if (batch && options.peers.count > 1) return shared_batch_norm(tensors, x, options.peers);
  if (!batch) require_statistics(tensors);
  return torch::batch_norm(x, tensors.gamma, tensors.beta, batch ? torch::Tensor() : tensors.mean,
                           batch ? torch::Tensor() : tensors.variance, batch, /*momentum=*/0,
                           ir::kBatchNormEpsilon, /*cudnn_enabled=*/true);
}

torch::Tensor convolve(const ir::Layer& layer, const LayerTensors& tensors, const torch::Tensor& x,
                       bool in_parts) {
  TINYNAS_CHECK(layer.pad_top == layer.pad_bottom && layer.pad_left == layer.pad_right,
                "uneven padding is not trained");
  const std::int64_t groups = layer.op == ir::OpKind::kDepthwiseConv2d ? tensors.weight.size(0) : 1;
  const torch::Tensor y =
      in_parts && !tensors.bias.defined()
          ? convolve_in_parts(x, tensors.weight,
                              {layer.stride_h, layer.stride_w, layer.pad_top, layer.pad_left, groups})
          : torch::conv2d(x, tensors.weight, tensors.bias, {layer.stride_h, layer.stride_w},
                          {layer.pad_top, layer.pad_left}, {1, 1}, groups);
  // One input channel has no layout of its own; without this the whole network would run contiguous.
  return y.contiguous(torch::MemoryFormat::ChannelsLast);
}

void require_images(const Network& network, const torch::Tensor& images) {
  const ir::Graph& graph = network.graph;
  if (network.layers.size() != graph.layers.size())
    throw GraphError(fmt::format("forward: tensors of {} layers for a graph of {}", network.layers.size(),
                                 graph.layers.size()));
  const ir::Shape& input = graph.tensors.at(static_cast<std::size_t>(graph.input));
  if (!images.defined()) throw ConfigError("forward: the images are an undefined tensor");
  if (images.dim() != 4 || images.size(1) != input.c || !images.is_floating_point())
    throw ConfigError(fmt::format("forward: images are {} [{}]; the network takes float [N, {}, {}, {}]",
                                  torch::toString(images.scalar_type()),
                                  fmt::join(images.sizes().vec(), ", "), input.c, input.h, input.w));
}

/// One forward pass over one network.
class Pass {
 public:
  Pass(const Network& network, const ForwardOptions& options)
      : network_(network), graph_(network.graph), options_(options), values_(network.graph.tensors.size()) {}

  torch::Tensor run(const torch::Tensor& images) {
    chains_ = options_.kernels == Kernels::kFastest && chains_available() && images.is_cpu() &&
              images.scalar_type() == torch::kFloat;
    values_[static_cast<std::size_t>(graph_.input)] = images;
    const bool bfloat16 = options_.precision == Precision::kBfloat16;
    for (const Step& step : chains_ ? plan_steps(network_, bfloat16) : single_steps(network_)) {
      const torch::Tensor y = step.chain ? run_step(step) : run_layer(step.first);
      values_[static_cast<std::size_t>(graph_.layers[step.end - 1].output)] = y;
    }
    return values_[static_cast<std::size_t>(graph_.output)].flatten(1);
  }

 private:
  const torch::Tensor& made(int tensor) const { return values_[static_cast<std::size_t>(tensor)]; }
  /// The value of a tensor in the precision that its reader computes in.
  torch::Tensor value(int tensor, bool bfloat16 = false) const {
    const torch::Tensor& x = made(tensor);
    if (!chains_ || bfloat16 == (x.scalar_type() == torch::kBFloat16)) return x;
    return x.to(bfloat16 ? torch::kBFloat16 : torch::kFloat);
  }

  torch::Tensor run_layer(std::size_t i) const {
    const ir::Layer& layer = graph_.layers[i];
    const LayerTensors& tensors = network_.layers[i];
    const auto x = [&] { return value(layer.inputs[0]); };
    switch (layer.op) {
      case ir::OpKind::kConv2d:
      case ir::OpKind::kDepthwiseConv2d: {
        torch::Tensor y = convolve(layer, tensors, x(), chains_);
        if (options_.observe && tensors.gamma.defined()) options_.observe(i, moments_of(y));
        if (tensors.gamma.defined()) y = normalize(tensors, y, options_);
        return activate(y, layer.activation);
      }
      case ir::OpKind::kAdd:
        return activate(x() + value(layer.inputs[1]), layer.activation);
      case ir::OpKind::kMul: {
        const torch::Tensor factors = value(layer.inputs[1]);  // those of a dense layer are [N, C]
        return x() * (factors.dim() == 2 ? factors.unsqueeze(2).unsqueeze(3) : factors);
      }
      case ir::OpKind::kFunction:
        return kFunctions[static_cast<std::size_t>(layer.function)](x());
      case ir::OpKind::kMaxPool:
        return torch::max_pool2d(made(layer.inputs[0]), {layer.kernel_h, layer.kernel_w},
                                 {layer.stride_h, layer.stride_w});
      case ir::OpKind::kGlobalAveragePool:
        return x().mean({2, 3}, /*keepdim=*/true);
      case ir::OpKind::kDense:
        return activate(chains_ ? linear_in_parts(x().flatten(1), tensors.weight, tensors.bias)
                                : torch::linear(x().flatten(1), tensors.weight, tensors.bias),
                        layer.activation);
      default:
        throw UnsupportedError(fmt::format("{}: this operation is not trained by tinynas",
                                           ir::describe_layer(graph_, static_cast<int>(i))));
    }
  }

  torch::Tensor run_step(const Step& step) const {
    const std::size_t end = step.end - (step.addend >= 0 || step.pooled ? 1 : 0);
    const ir::Layer& first = graph_.layers[step.first];
    Chain chain{.layers = {},
                .relu6_at_end = graph_.layers[end - 1].activation == ir::Activation::kRelu6,
                .pooled_at_end = step.pooled};
    for (std::size_t i = step.first; i < end; ++i) {
      const ir::Layer& layer = graph_.layers[i];
      const auto kind = step.norm_first && i == step.first ? ChainLayer::Kind::kNormOnly
                        : layer.op == ir::OpKind::kConv2d  ? ChainLayer::Kind::kPointwise
                                                           : ChainLayer::Kind::kDepthwise;
      chain.layers.push_back(
          {.kind = kind, .kernel = layer.kernel_h, .stride = layer.stride_h, .tensors = network_.layers[i]});
    }
    torch::Tensor x = value(first.inputs[0], step.bfloat16);
    if (step.addend >= 0)
      chain.addend = step.addend == first.inputs[0] ? x : value(step.addend, step.bfloat16);
    if (step.norm_first) x = convolve(first, network_.layers[step.first], x, chains_);
    ForwardOptions options = options_;
    if (options_.observe)
      options.observe = [&](std::size_t i, const Moments& moments) {
        options_.observe(step.first + i, moments);
      };
    return run_chain(chain, x, options);
  }

  const Network& network_;
  const ir::Graph& graph_;
  const ForwardOptions& options_;
  std::vector<torch::Tensor> values_;
  bool chains_ = false;
};

}  // namespace

torch::Tensor forward(const Network& network, const torch::Tensor& images, const ForwardOptions& options) {
  require_images(network, images);
  return Pass(network, options).run(images);
}

}  // namespace tinynas::supernet
