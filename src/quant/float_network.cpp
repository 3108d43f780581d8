#include "float_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "basics.h"
#include "float_operations.h"
#include "tinynas/core/error.h"
#include "tinynas/ir/ops.h"

namespace tinynas::quant {
namespace {

using Values = std::vector<float>;
using View = std::span<const float>;

Values weighted_sum(const ir::Graph& graph, const ir::Layer& layer, const PackedWeights<float>& weights,
                    View input) {
  const ir::Shape out = graph.out_shape(layer);
  const Values sums = accumulate(layer, graph.in_shape(layer), out, input, 0.0F, weights);
  const auto channels = at(out.c);
  Values result(size_of(out));
  const float* from = sums.data();
  for (std::size_t begin = 0; begin < result.size(); begin += channels, from += weights.bias.size())
    std::copy(from, from + channels, result.begin() + static_cast<std::ptrdiff_t>(begin));
  return result;
}

void activate(ir::Activation activation, Values& values) {
  if (activation == ir::Activation::kNone) return;
  constexpr float kUnbounded = std::numeric_limits<float>::max();
  const float top = activation == ir::Activation::kRelu6 ? 6.0F : kUnbounded;
  for (float& value : values) value = std::clamp(value, 0.0F, top);
}

}  // namespace

FloatNetwork::FloatNetwork(const ir::Graph& graph) : graph_(graph), weights_(graph.layers.size()) {
  if (graph.parameters.empty()) throw GraphError("graph: no float parameters; attach weights first");
  ir::validate(graph_);
  for (std::size_t i = 0; i < graph_.layers.size(); ++i)
    if (ir::op_info(graph_.layers[i].op).has_weights)
      weights_[i] = pack_weights<float>(View{graph_.parameters[i].weight}, View{graph_.parameters[i].bias});
}

std::vector<float> FloatNetwork::run_layer(int index, View first, View second) const {
  const ir::Layer& layer = graph_.layer(index);
  if (ir::op_info(layer.op).has_weights) return weighted_sum(graph_, layer, weights_[at(index)], first);
  return run_plain(graph_, layer, first, second);
}

std::vector<float> FloatNetwork::run(View image, const FloatObserver& observe) const {
  std::vector<Values> values(graph_.tensors.size());
  const auto keep = [&](int tensor, Values made) {
    if (observe) observe(tensor, made);
    values[at(tensor)] = std::move(made);
  };
  const std::size_t expected = size_of(graph_.tensor(graph_.input));
  if (image.size() != expected)
    throw GraphError(
        fmt::format("graph: the image has {} values, the input takes {}", image.size(), expected));
  keep(graph_.input, Values(image.begin(), image.end()));
  for (std::size_t i = 0; i < graph_.layers.size(); ++i) {
    const ir::Layer& layer = graph_.layers[i];
    const View first = values[at(layer.inputs[0])];
    const View second = layer.inputs[1] < 0 ? View{} : View{values[at(layer.inputs[1])]};
    Values made = run_layer(static_cast<int>(i), first, second);
    activate(layer.activation, made);
    keep(layer.output, std::move(made));
  }
  return values[at(graph_.output)];
}

std::vector<float> real_pixels(std::span<const std::uint8_t> pixels, const ir::TensorQuant& input) {
  std::vector<float> values(pixels.size());
  std::transform(pixels.begin(), pixels.end(), values.begin(), [&](std::uint8_t pixel) {
    return input.scale * static_cast<float>(pixel - 128 - input.zero_point);
  });
  return values;
}

std::vector<float> run_float(const ir::Graph& graph, View image, const FloatObserver& observe) {
  return FloatNetwork(graph).run(image, observe);
}

}  // namespace tinynas::quant
