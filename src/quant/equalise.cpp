#include <algorithm>
#include <cmath>

#include "quant/basics.h"
#include "quant/channels.h"
#include "tinynas/ir/ops.h"

namespace tinynas::quant {
namespace {

/// A channel that was quiet while calibrating is not made louder than this, for what else it may see.
constexpr float kMostGain = 64;

bool is_weighted(const ir::Layer& layer) {
  return layer.op == ir::OpKind::kConv2d || layer.op == ir::OpKind::kDepthwiseConv2d ||
         layer.op == ir::OpKind::kDense;
}

/// f(s x) = s f(x) for s > 0, channel by channel, with no weights.
bool passes_scale(const ir::Layer& layer) {
  switch (layer.op) {
    case ir::OpKind::kAveragePool:
    case ir::OpKind::kMaxPool:
    case ir::OpKind::kGlobalAveragePool:
    case ir::OpKind::kResizeNearest:
      return true;
    case ir::OpKind::kFunction:
      return layer.function == ir::Function::kRelu || layer.function == ir::Function::kLeakyRelu;
    default:
      return false;
  }
}

bool is_homogeneous(const ir::Layer& layer) { return layer.activation != ir::Activation::kRelu6; }

/// The only layer that reads a tensor; -1 if none or several do, or the network's caller.
int only_reader(const ir::Graph& graph, int tensor) {
  int reader = -1, readers = graph.is_output(tensor) ? 2 : 0;
  for (int i = 0; i < graph.layer_count(); ++i)
    for (const int input : graph.layer(i).inputs)
      if (input == tensor) {
        reader = i;
        ++readers;
      }
  return readers == 1 ? reader : -1;
}

/// The layer with weights that takes what layer `first` makes, with nothing between them that minds a scale;
/// -1: there is none.
int partner(const ir::Graph& graph, int first) {
  if (!is_weighted(graph.layer(first)) || !is_homogeneous(graph.layer(first))) return -1;
  int next = only_reader(graph, graph.layer(first).output);
  while (next >= 0 && passes_scale(graph.layer(next)) && is_homogeneous(graph.layer(next)))
    next = only_reader(graph, graph.layer(next).output);
  return next >= 0 && is_weighted(graph.layer(next)) ? next : -1;
}

/// Calls visit(input channel, output channel, weight) for every weight.
template <typename Weights, typename Visit>
void for_each_weight(const ir::Graph& graph, int index, Weights& weights, const Visit& visit) {
  const ir::Layer& layer = graph.layer(index);
  const auto outputs = at(graph.out_shape(layer).c), inputs = at(graph.in_shape(layer).c);
  const std::size_t taps = weights.size() / outputs;
  for (std::size_t c = 0; c < outputs; ++c)
    for (std::size_t k = 0; k < taps; ++k)
      visit(layer.op == ir::OpKind::kDepthwiseConv2d ? c : k % inputs, c, weights[c * taps + k]);
}

/// How large the weights are that read each channel, as a share of the largest of their output channel.
std::vector<float> shares_read(const ir::Graph& graph, int index) {
  const ir::Layer& layer = graph.layer(index);
  const std::vector<float>& weights = graph.parameters[at(index)].weight;
  std::vector<float> largest(at(graph.out_shape(layer).c)), shares(at(graph.in_shape(layer).c));
  for_each_weight(graph, index, weights, [&](std::size_t, std::size_t out, float weight) {
    largest[out] = std::max(largest[out], std::abs(weight));
  });
  for_each_weight(graph, index, weights, [&](std::size_t in, std::size_t out, float weight) {
    if (largest[out] > 0) shares[in] = std::max(shares[in], std::abs(weight) / largest[out]);
  });
  return shares;
}

/// By what each channel between two layers is divided: the root of its values' magnitude over that of the
/// weights that read it, so that neither wastes steps. The largest is 1.
std::vector<float> factors(std::span<const float> values, std::span<const float> shares) {
  std::vector<float> made(values.size(), 0);
  for (std::size_t c = 0; c < made.size(); ++c)
    if (values[c] > 0 && shares[c] > 0) made[c] = std::sqrt(values[c] / shares[c]);
  const float largest = *std::max_element(made.begin(), made.end());
  for (float& factor : made)
    factor = factor > 0 ? std::max(factor / largest, 1 / kMostGain) : 1;  // a dead channel stays as it is
  return made;
}

}  // namespace

ir::Graph equalise(const ir::Graph& graph, const ChannelStatistics& channels) {
  ir::Graph result = graph;
  for (int first = 0; first < graph.layer_count(); ++first) {
    const int second = partner(graph, first);
    if (second < 0) continue;
    const int between = graph.layer(first).output;
    const std::vector<float> by = factors(channels.largest[at(between)], shares_read(graph, second));
    ir::Parameters& maker = result.parameters[at(first)];
    for_each_weight(graph, first, maker.weight,
                    [&](std::size_t, std::size_t out, float& weight) { weight /= by[out]; });
    for (std::size_t c = 0; c < by.size(); ++c) maker.bias[c] /= by[c];
    for_each_weight(graph, second, result.parameters[at(second)].weight,
                    [&](std::size_t in, std::size_t, float& weight) { weight *= by[in]; });
  }
  return result;
}

}  // namespace tinynas::quant
