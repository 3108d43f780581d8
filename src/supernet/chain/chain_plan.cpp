#include "supernet/chain/chain_plan.h"

#include <algorithm>

#include "supernet/chain/chain_kernels.h"
#include "tinynas/supernet/chain.h"

namespace tinynas::supernet {
namespace {

static_assert(kChainChannels == kernels::kChannelStep);

bool even_channels(int channels) { return channels % kernels::kChannelStep == 0; }

class ChainPlanner {
 public:
  ChainPlanner(const Network& network, bool bfloat16)
      : graph_(network.graph),
        network_(network),
        bfloat16_(bfloat16),
        readers_(network.graph.tensors.size()) {
    for (const ir::Layer& layer : graph_.layers)
      for (const int input : layer.inputs)
        if (input >= 0) ++readers_[static_cast<std::size_t>(input)];
    ++readers_[static_cast<std::size_t>(graph_.output)];
  }

  std::vector<Step> plan() const {
    std::vector<Step> steps;
    for (std::size_t i = 0; i < graph_.layers.size(); i = steps.back().end) steps.push_back(step_from(i));
    return steps;
  }

 private:
  Step step_from(std::size_t first) const {
    if (!normalized(first)) return {.first = first, .end = first + 1};
    Step step{.first = first, .end = first + 1, .chain = true, .norm_first = !our_convolution(first)};
    while (continues(step.end)) ++step.end;
    if (bfloat16_ && full_convolutions(step)) {
      step.norm_first = step.bfloat16 = true;
      step.end = first + 1;
    }
    step.addend = addend_behind(step);
    step.pooled = pools_behind(step);
    if (step.addend >= 0 || step.pooled) ++step.end;
    return step;
  }

  bool full_convolutions(const Step& step) const {
    return std::all_of(graph_.layers.begin() + static_cast<std::ptrdiff_t>(step.first),
                       graph_.layers.begin() + static_cast<std::ptrdiff_t>(step.end),
                       [](const ir::Layer& layer) { return layer.op == ir::OpKind::kConv2d; });
  }

  bool normalized(std::size_t i) const {
    const ir::Layer& layer = graph_.layers[i];
    return network_.layers[i].gamma.defined() && layer.activation != ir::Activation::kRelu &&
           even_channels(graph_.out_shape(layer).c);
  }

  bool our_convolution(std::size_t i) const {
    const ir::Layer& l = graph_.layers[i];
    if (!normalized(i) || !even_channels(graph_.in_shape(l).c)) return false;
    const bool square = l.kernel_h == l.kernel_w && l.stride_h == l.stride_w;
    const int pad = l.kernel_h / 2;
    const bool same = l.pad_top == pad && l.pad_left == pad && l.pad_bottom == pad && l.pad_right == pad;
    if (!square || !same) return false;
    if (l.op == ir::OpKind::kConv2d) return l.kernel_h == 1 && l.stride_h == 1;
    return (l.kernel_h == 3 || l.kernel_h == 5 || l.kernel_h == 7) && (l.stride_h == 1 || l.stride_h == 2);
  }

  /// Whether layer i reads what the layer before it makes, behind its ReLU6, and nobody else does.
  bool continues(std::size_t i) const {
    if (i >= graph_.layers.size() || !our_convolution(i)) return false;
    const ir::Layer& before = graph_.layers[i - 1];
    return before.activation == ir::Activation::kRelu6 && graph_.layers[i].inputs[0] == before.output &&
           single_reader(before.output);
  }

  /// What the layer behind the step adds to what the step makes, if it does that and nobody else reads it.
  int addend_behind(const Step& step) const {
    if (step.end >= graph_.layers.size()) return -1;
    const ir::Layer& add = graph_.layers[step.end];
    const int made = graph_.layers[step.end - 1].output;
    if (add.op != ir::OpKind::kAdd || add.activation != ir::Activation::kNone || !single_reader(made))
      return -1;
    return add.inputs[add.inputs[0] == made ? 1 : 0];
  }

  /// Whether the layer behind a step of one full convolution pools it by two, and nobody else reads it.
  bool pools_behind(const Step& step) const {
    if (!step.norm_first || step.end != step.first + 1 || step.end >= graph_.layers.size()) return false;
    const ir::Layer& pool = graph_.layers[step.end];
    return pool.op == ir::OpKind::kMaxPool && pool.kernel_h == 2 && pool.kernel_w == 2 &&
           pool.stride_h == 2 && pool.stride_w == 2 && pool.pad_top == 0 && pool.pad_left == 0 &&
           single_reader(graph_.layers[step.first].output);
  }

  bool single_reader(int tensor) const { return readers_[static_cast<std::size_t>(tensor)] == 1; }

  const ir::Graph& graph_;
  const Network& network_;
  bool bfloat16_;
  std::vector<int> readers_;
};

}  // namespace

std::vector<Step> plan_steps(const Network& network, bool bfloat16) {
  return ChainPlanner(network, bfloat16).plan();
}

std::vector<Step> single_steps(const Network& network) {
  std::vector<Step> steps;
  for (std::size_t i = 0; i < network.graph.layers.size(); ++i) steps.push_back({.first = i, .end = i + 1});
  return steps;
}

}  // namespace tinynas::supernet
