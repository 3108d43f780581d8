// What float layers take in of the nodes behind them: activations, factors and summands, such as batch norms.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "import/folder.h"
#include "tinynas/ir/ops.h"

namespace tinynas::import {

/// The layer that makes a node's input for this node alone, and may make something else; or -1.
int Folder::changeable(const Node& node, std::size_t input, int tensor) const {
  const Source& from = raw_source(node, input);
  return is_float_ && (from.tensor != tensor || from.alone) ? maker(tensor) : -1;
}

int Folder::maker(int tensor) const {
  for (int i = graph_.layer_count(); i-- > 0;)
    if (graph_.layer(i).output == tensor) return i;
  return -1;
}

/// Whether a layer now computes this activation, too.
bool Folder::take_in(int index, const std::string& activation) {
  constexpr std::array kTakers = {ir::OpKind::kAdd, ir::OpKind::kMul, ir::OpKind::kConcat,
                                  ir::OpKind::kAveragePool, ir::OpKind::kGlobalAveragePool};
  if (index < 0) return false;
  ir::Layer& layer = graph_.layer(index);
  const bool takes =
      ir::op_info(layer.op).has_weights || std::ranges::find(kTakers, layer.op) != kTakers.end();
  if (!takes || layer.activation != ir::Activation::kNone) return false;
  if (activation == "relu")
    layer.activation = ir::Activation::kRelu;
  else if (activation == "relu6")
    layer.activation = ir::Activation::kRelu6;
  else
    return false;
  return true;
}

/// A tensor times a factor plus a summand a channel: by the layer that makes it, if that may change (else -1)
/// and has weights, or by a 1x1 depthwise convolution.
int Folder::scaled(const Node& node, int made_by, int tensor, const std::vector<double>& factors,
                   const std::vector<double>& summands) {
  const std::size_t channels = factors.size();
  if (made_by < 0 || !ir::op_info(graph_.layer(made_by).op).has_weights ||
      graph_.layer(made_by).activation != ir::Activation::kNone)
    return add_layer(node, {.op = ir::OpKind::kDepthwiseConv2d, .inputs = {tensor, -1}}, 0,
                     ir::Parameters{.weight = {factors.begin(), factors.end()},
                                    .bias = {summands.begin(), summands.end()}},
                     {});
  auto& [weight, bias] = graph_.parameters[at(made_by)];
  const std::size_t taps = weight.size() / channels;
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t k = c * taps; k < (c + 1) * taps; ++k)
      weight[k] = static_cast<float>(static_cast<double>(weight[k]) * factors[c]);
    bias[c] = static_cast<float>(static_cast<double>(bias[c]) * factors[c] + summands[c]);
  }
  return tensor;
}

/// Between any bounds, by the relus that there are: 0 .. 6, and 0 alone.
int Folder::clipped(const Node& node, int tensor) {
  const double lowest = node.real("lowest", 0), highest = node.real("highest", 0);
  if (!(lowest < highest)) throw Refused{fmt::format("it clips to {} .. {}", lowest, highest)};
  const bool below = std::isfinite(lowest), above = std::isfinite(highest);
  if (!below && !above) return tensor;
  constexpr double kRelu6 = 6;
  const bool both = below && above;
  const double factor = both ? kRelu6 / (highest - lowest) : below ? 1 : -1;
  const double bound = below ? lowest : highest;
  const std::size_t channels = at(graph_.tensor(tensor).c);
  const auto times_plus = [&](double times, double plus) {
    return scaled(node, -1, tensor, std::vector<double>(channels, times),
                  std::vector<double>(channels, plus));
  };
  tensor = times_plus(factor, -factor * bound);
  take_in(maker(tensor), both ? "relu6" : "relu");
  return times_plus(1 / factor, bound);
}

}  // namespace tinynas::import
