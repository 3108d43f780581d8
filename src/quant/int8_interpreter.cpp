#include <fmt/format.h>

#include <algorithm>

#include "basics.h"
#include "convolve.h"
#include "int8_operations.h"
#include "tinynas/core/error.h"
#include "tinynas/ir/ops.h"
#include "tinynas/quant/interpreter.h"

namespace tinynas::quant {

/// What one layer needs at run time: the first two if it has weights, else the last.
struct Int8Interpreter::Prepared {
  LayerArithmetic arithmetic;
  PackedWeights<std::int32_t> weights;
  PlainArithmetic plain;
};

namespace {

using Values = std::vector<std::int8_t>;
using View = std::span<const std::int8_t>;

/// Convolution, depthwise convolution and dense.
Values weighted_sum(const ir::Graph& graph, const ir::Layer& layer, const LayerArithmetic& arithmetic,
                    const PackedWeights<std::int32_t>& weights, View input) {
  const ir::Shape out = graph.out_shape(layer);
  const std::vector<std::int32_t> sums =
      accumulate(layer, graph.in_shape(layer), out, input, arithmetic.in_zero_point, weights);
  const auto channels = at(out.c);
  Values result(size_of(out));
  const std::int32_t* from = sums.data();
  for (std::size_t begin = 0; begin < result.size(); begin += channels, from += weights.bias.size())
    for (std::size_t c = 0; c < channels; ++c)
      result[begin + c] = requantize(from[c], arithmetic.multipliers[c], arithmetic.out_zero_point);
  return result;
}

}  // namespace

Int8Interpreter::Int8Interpreter(const ir::Graph& graph) : graph_(graph), prepared_(graph.layers.size()) {
  if (!graph.quant) throw GraphError("graph: not quantized; the int8 interpreter needs a quantized graph");
  ir::validate(graph_);
  for (std::size_t i = 0; i < graph_.layers.size(); ++i) {
    const ir::Layer& layer = graph_.layers[i];
    Prepared& prepared = prepared_[i];
    if (ir::op_info(layer.op).has_weights) {
      prepared.arithmetic = layer_arithmetic(graph_, static_cast<int>(i));
      const std::span<const std::int32_t> bias = prepared.arithmetic.folded_bias;
      prepared.weights = pack_weights<std::int32_t>(View{graph_.quant->layers[i].weight}, bias);
    } else {
      prepared.plain = plain_arithmetic(graph_, static_cast<int>(i));
    }
  }
}

Int8Interpreter::~Int8Interpreter() = default;

std::vector<std::int8_t> Int8Interpreter::run_layer(int index, View first, View second) const {
  const ir::Layer& layer = graph_.layer(index);
  const Prepared& prepared = prepared_[at(index)];
  TINYNAS_CHECK(first.size() == size_of(graph_.in_shape(layer)),
                "run_layer: the first input has the wrong size");
  if (ir::op_info(layer.op).has_weights)
    return weighted_sum(graph_, layer, prepared.arithmetic, prepared.weights, first);
  TINYNAS_CHECK(second.size() == (layer.inputs[1] < 0 ? 0 : size_of(graph_.in_shape(layer, 1))),
                "run_layer: the second input has the wrong size");
  return run_plain(graph_, layer, prepared.plain, first, second);
}

std::vector<std::int8_t> Int8Interpreter::run(View image, const Int8Observer& observe) const {
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
    keep(layer.output, run_layer(static_cast<int>(i), first, second));
  }
  return values[at(graph_.output)];
}

std::vector<std::int8_t> pixels_to_int8(std::span<const std::uint8_t> pixels) {
  std::vector<std::int8_t> values(pixels.size());
  std::transform(pixels.begin(), pixels.end(), values.begin(),
                 [](std::uint8_t pixel) { return static_cast<std::int8_t>(pixel - 128); });
  return values;
}

}  // namespace tinynas::quant
