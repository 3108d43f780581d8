#include "tinynas/supernet/chain.h"

#include <optional>

#include "supernet/chain/autograd_node.h"
#include "supernet/chain/chain_convolution.h"
#include "supernet/chain/chain_kernels.h"
#include "supernet/chain/chain_passes.h"
#include "tinynas/core/error.h"
#include "tinynas/supernet/network.h"

namespace tinynas::supernet {
namespace {

ChainEnd end_of(const Chain& chain) { return {.relu6 = chain.relu6_at_end, .pooled = chain.pooled_at_end}; }

double values_per_channel(const torch::Tensor& x) { return static_cast<double>(x.numel() / x.size(1)); }

/// None where the chain's input itself enters the batch norm.
std::optional<ChainConvolution> make_convolution(const ChainLayer& layer, const torch::Tensor& x) {
  switch (layer.kind) {
    case ChainLayer::Kind::kPointwise:
      return PointwiseConvolution(layer, x);
    case ChainLayer::Kind::kDepthwise:
      return DepthwiseConvolution(layer, x);
    default:
      return std::nullopt;
  }
}

/// What the forward pass leaves for the backward pass.
struct Saved {
  torch::Tensor x;
  std::vector<std::optional<ChainConvolution>> convolutions;  ///< nullopt: norm only
  std::vector<torch::Tensor> h;                               ///< what enters each batch norm
  std::vector<NormLine> lines;

  /// What convolution i reads.
  ConvolutionInput input(std::size_t i) const {
    return i == 0 ? ConvolutionInput{.x = x} : ConvolutionInput{.x = h[i - 1], .norm = &lines[i - 1]};
  }
};

NormLine stored_norm(const LayerTensors& tensors) {
  require_statistics(tensors);
  return norm_line({.mean = tensors.mean, .variance = tensors.variance}, tensors);
}

torch::Tensor forward_chain(const Chain& chain, const torch::Tensor& x, const ForwardOptions& options,
                            Saved* saved) {
  const bool batch = options.statistics == Statistics::kBatch;
  torch::Tensor value = x;
  NormLine line;
  for (std::size_t i = 0; i < chain.layers.size(); ++i) {
    const ChainLayer& layer = chain.layers[i];
    const ConvolutionInput input{.x = value, .norm = i == 0 ? nullptr : &line};
    PartialSums sums;
    std::optional<ChainConvolution> convolution = make_convolution(layer, value);
    if (convolution)
      value =
          std::visit([&](const auto& c) { return c.forward(input, batch ? &sums : nullptr); }, *convolution);
    else if (batch)
      sums = sums_of(value);
    if (batch) {
      const Moments moments = moments_of(over_all(total(sums, values_per_channel(value)), options.peers));
      line = norm_line(moments, layer.tensors);
      if (options.observe) options.observe(i, moments);
    } else {
      line = stored_norm(layer.tensors);
    }
    if (saved != nullptr) {
      saved->convolutions.push_back(std::move(convolution));
      saved->h.push_back(value);
      saved->lines.push_back(line);
    }
  }
  return finish(value, line, end_of(chain), chain.addend);
}

/// The backward pass of a chain. Inputs of the node: x, then weight, gamma and beta of each layer, then the
/// addend if it is not x.
class ChainNode : public torch::autograd::Node {
 public:
  enum class Adds { kNothing, kInput, kOther };

  ChainNode(Chain chain, Adds adds, Saved saved, Peers peers)
      : chain_(std::move(chain)), adds_(adds), saved_(std::move(saved)), peers_(std::move(peers)) {}

  torch::autograd::variable_list apply(torch::autograd::variable_list&& gradients) override {
    TINYNAS_CHECK(!saved_.h.empty(), "a chain's backward pass runs once");
    const torch::NoGradGuard no_grad;
    const torch::Tensor dy = gradients[0].contiguous(torch::MemoryFormat::ChannelsLast);
    torch::autograd::variable_list out(1 + 3 * chain_.layers.size());
    // The gradient in front of the chain's end is kept for a convolution; a batch norm alone makes it twice.
    ChainEnd end = end_of(chain_);
    torch::Tensor g = dy;
    PartialSums sums =
        finish_backward(dy, saved_.h.back(), saved_.lines.back(), end, norm_alone() ? nullptr : &g);
    if (!norm_alone()) end = {};
    for (std::size_t i = chain_.layers.size(); i-- > 0;) {
      const torch::Tensor& h = saved_.h[i];
      const ChannelSums all = over_all(total(sums, values_per_channel(h)), peers_);
      const NormBackward norm =
          norm_backward(all, peers_.count, chain_.layers[i].tensors.gamma, saved_.lines[i]);
      out[3 * i + 2] = norm.gamma;
      out[3 * i + 3] = norm.beta;
      if (!saved_.convolutions[i]) {
        g = before_norm(g, h, saved_.lines[i], end, norm.line);
        continue;
      }
      const ConvolutionGradients result = std::visit(
          [&](const auto& convolution) {
            return convolution.backward(saved_.input(i), {.g = g, .h = h, .line = norm.line},
                                        i == 0 ? nullptr : &sums);
          },
          *saved_.convolutions[i]);
      out[3 * i + 1] = result.weight;
      g = result.x;
    }
    out[0] = adds_ == Adds::kInput ? g.add_(dy) : g;
    if (adds_ == Adds::kOther) out.push_back(dy);
    return out;
  }

  void release_variables() override { saved_ = {}; }

 private:
  bool norm_alone() const { return saved_.convolutions.size() == 1 && !saved_.convolutions[0]; }

  Chain chain_;
  Adds adds_;
  Saved saved_;
  Peers peers_;
};

}  // namespace

std::string_view kernels_here() { return kernels::chosen_name(); }

bool chains_available() { return kernels::chosen() != nullptr; }

bool bfloat16_available() { return chains_available() && kernels::has_bfloat16(); }

torch::Tensor run_chain(const Chain& chain, const torch::Tensor& input, const ForwardOptions& options) {
  torch::autograd::variable_list inputs = {input};
  for (const ChainLayer& layer : chain.layers)
    inputs.insert(inputs.end(),
                  {layer.kind == ChainLayer::Kind::kNormOnly ? torch::Tensor() : layer.tensors.weight,
                   layer.tensors.gamma, layer.tensors.beta});
  const auto adds = !chain.addend.defined()       ? ChainNode::Adds::kNothing
                    : chain.addend.is_same(input) ? ChainNode::Adds::kInput
                                                  : ChainNode::Adds::kOther;
  if (adds == ChainNode::Adds::kOther) inputs.push_back(chain.addend);
  const bool differentiate = differentiates(inputs);
  TINYNAS_CHECK(!chain.pooled_at_end || (chain.layers.size() == 1 && !chain.addend.defined() &&
                                         chain.layers[0].kind == ChainLayer::Kind::kNormOnly),
                "only a batch norm alone is pooled");
  if (differentiate && options.statistics != Statistics::kBatch)
    throw ConfigError(
        "forward: stored statistics are not trained with; use Statistics::kBatch, or torch::NoGradGuard");

  torch::Tensor y;
  ChainNode* node = nullptr;
  {
    const torch::NoGradGuard no_grad;
    const torch::Tensor x = input.detach().contiguous(torch::MemoryFormat::ChannelsLast);
    Saved saved;
    saved.x = x;
    Chain detached = chain;  // the node must not keep the graph behind its inputs alive twice
    if (chain.addend.defined())
      detached.addend = chain.addend.detach().contiguous(torch::MemoryFormat::ChannelsLast);
    y = forward_chain(detached, x, options, differentiate ? &saved : nullptr);
    if (differentiate) {
      detached.addend.reset();
      for (ChainLayer& layer : detached.layers) layer.tensors = {.gamma = layer.tensors.gamma.detach()};
      node = new ChainNode(std::move(detached), adds, std::move(saved), options.peers);
    }
  }
  if (differentiate) set_backward(y, node, inputs);
  return y;
}

}  // namespace tinynas::supernet
