#include "tinynas/supernet/chain.h"

#include <torch/csrc/autograd/functions/utils.h>

#include <algorithm>
#include <cstdlib>

#include "supernet/chain_kernels.h"
#include "supernet/chain_layer.h"
#include "tinynas/core/error.h"

namespace tinynas::supernet {
namespace {

double values_per_channel(const torch::Tensor& x) { return static_cast<double>(x.numel() / x.size(1)); }

/// What the forward pass leaves for the backward pass.
struct Saved {
  torch::Tensor x;
  std::vector<std::optional<ChainConvolution>> convolutions;  ///< nullopt: norm only
  std::vector<torch::Tensor> h;                               ///< what enters each batch norm
  std::vector<NormLine> lines;
};

torch::Tensor forward_chain(const Chain& chain, const torch::Tensor& x, Statistics statistics,
                            const NormObserver& observe, Saved* saved) {
  torch::Tensor value = x;
  NormLine line;
  for (std::size_t i = 0; i < chain.layers.size(); ++i) {
    const ChainLayer& layer = chain.layers[i];
    const bool batch = statistics == Statistics::kBatch;
    PartialSums sums;
    std::optional<ChainConvolution> convolution;
    if (layer.kind == ChainLayer::Kind::kNormOnly) {
      if (batch) sums = sums_of(value);
    } else {
      convolution.emplace(layer, value);
      value = convolution->forward(value, i == 0 ? nullptr : &line, batch ? &sums : nullptr);
    }
    if (batch) {
      const Moments moments = moments_of(sums, values_per_channel(value));
      line = norm_line(moments, layer.tensors);
      if (observe) observe(i, moments);
    } else {
      TINYNAS_CHECK(layer.tensors.mean.defined(), "batch norm was not re-estimated");
      line = norm_line({.mean = layer.tensors.mean, .variance = layer.tensors.variance}, layer.tensors);
    }
    if (saved != nullptr) {
      saved->convolutions.push_back(std::move(convolution));
      saved->h.push_back(value);
      saved->lines.push_back(line);
    }
  }
  return finish(value, line, chain.relu6_at_end, chain.residual ? x : torch::Tensor());
}

/// The backward pass of a chain. Inputs of the node: x, then weight, gamma and beta of each layer.
class ChainNode : public torch::autograd::Node {
 public:
  ChainNode(Chain chain, Saved saved) : chain_(std::move(chain)), saved_(std::move(saved)) {}

  torch::autograd::variable_list apply(torch::autograd::variable_list&& gradients) override {
    TINYNAS_CHECK(!saved_.h.empty(), "a chain's backward pass runs once");
    const torch::NoGradGuard no_grad;
    const torch::Tensor dy = gradients[0].contiguous(torch::MemoryFormat::ChannelsLast);
    torch::autograd::variable_list out(1 + 3 * chain_.layers.size());
    FinishBackward end = finish_backward(dy, saved_.h.back(), saved_.lines.back(), chain_.relu6_at_end);
    torch::Tensor g = end.g;
    PartialSums sums = end.sums;
    for (std::size_t i = chain_.layers.size(); i-- > 0;) {
      const torch::Tensor& h = saved_.h[i];
      const NormBackward norm =
          norm_backward(sums, values_per_channel(h), chain_.layers[i].tensors.gamma, saved_.lines[i]);
      out[3 * i + 2] = norm.gamma;
      out[3 * i + 3] = norm.beta;
      if (!saved_.convolutions[i]) {
        g = before_norm(g, h, norm.line);
        continue;
      }
      const bool first = i == 0;
      auto result = saved_.convolutions[i]->backward(first ? saved_.x : saved_.h[i - 1],
                                                     first ? nullptr : &saved_.lines[i - 1], g, h, norm.line,
                                                     first ? nullptr : &sums);
      out[3 * i + 1] = result.weight;
      g = result.x;
    }
    out[0] = chain_.residual ? g.add_(dy) : g;
    return out;
  }

  void release_variables() override { saved_ = {}; }

 private:
  Chain chain_;
  Saved saved_;
};

bool kernels_wanted() {
  const char* stock = std::getenv("TINYNAS_STOCK_KERNELS");
  return stock == nullptr || *stock == '\0';
}

}  // namespace

bool chains_available() {
  static const bool available = kernels::available() && kernels_wanted();
  return available;
}

torch::Tensor run_chain(const Chain& chain, const torch::Tensor& input, Statistics statistics,
                        const NormObserver& observe) {
  torch::autograd::variable_list inputs = {input};
  for (const ChainLayer& layer : chain.layers)
    inputs.insert(inputs.end(),
                  {layer.kind == ChainLayer::Kind::kNormOnly ? torch::Tensor() : layer.tensors.weight,
                   layer.tensors.gamma, layer.tensors.beta});
  const bool differentiate =
      torch::GradMode::is_enabled() && std::any_of(inputs.begin(), inputs.end(), [](const torch::Tensor& t) {
        return t.defined() && t.requires_grad();
      });
  TINYNAS_CHECK(!differentiate || statistics == Statistics::kBatch,
                "chains train with the batch's statistics");

  torch::Tensor y;
  std::shared_ptr<ChainNode> node;
  {
    const torch::NoGradGuard no_grad;
    const torch::Tensor x = input.detach().contiguous(torch::MemoryFormat::ChannelsLast);
    Saved saved;
    saved.x = x;
    y = forward_chain(chain, x, statistics, observe, differentiate ? &saved : nullptr);
    if (differentiate) {
      Chain detached = chain;  // the node must not keep the graph behind its inputs alive twice
      for (ChainLayer& layer : detached.layers) layer.tensors = {.gamma = layer.tensors.gamma.detach()};
      node = std::shared_ptr<ChainNode>(new ChainNode(std::move(detached), std::move(saved)),
                                        torch::autograd::deleteNode);
    }
  }
  if (differentiate) {
    torch::autograd::edge_list edges;
    for (const torch::Tensor& tensor : inputs)
      edges.push_back(tensor.defined() ? torch::autograd::impl::gradient_edge(tensor)
                                       : torch::autograd::Edge());
    node->set_next_edges(std::move(edges));
    torch::autograd::set_history(y, node);
  }
  return y;
}

}  // namespace tinynas::supernet
