#include "tinynas/quant/quantize.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "quant/basics.h"
#include "tinynas/core/error.h"
#include "tinynas/ir/ops.h"
#include "tinynas/quant/requantize.h"

namespace tinynas::quant {
namespace {

constexpr int kLargestWeight = 127;
/// Larger biases widen the weight scale of their channel: leaves three bits of the accumulator to the sum.
constexpr double kLargestBias = 1 << 28;
/// The same bound for a depthwise layer: its sums are small, and its kernels read 24 bits.
constexpr double kLargestDepthwiseBias = 1 << 22;
/// Multiplier of a channel that adds nothing visible to its output: m = 1 of 2^31.
constexpr double kSmallestMultiplier = 1.0 / (std::int64_t{1} << 31);
/// Scale of a tensor that is always 0.
constexpr float kSmallestScale = 1e-10F;
/// An input's steps may be larger than the output's by this: what the multipliers of add can still hold (15
/// bits).
constexpr float kCoarsestInput = 1024;

float largest_magnitude(std::span<const float> values) {
  float largest = 0;
  for (const float value : values) largest = std::max(largest, std::abs(value));
  return largest;
}

/// `smallest_scale`: finer steps than that would mean nothing or not fit the arithmetic.
ir::TensorQuant choose_quant(Range range, float smallest_scale) {
  const float low = std::min(range.min, 0.0F);
  const float high = std::max(range.max, 0.0F);
  const float scale = std::max((high - low) / kSteps, smallest_scale);
  const int zero_point = static_cast<int>(std::lround(-128 - low / scale));
  return {.scale = scale, .zero_point = std::clamp(zero_point, -128, 127)};
}

/// The saturation of int8 does the work of the activation: -128 means 0, 127 means at most 6.
Range activated(Range range, ir::Activation activation) {
  if (activation == ir::Activation::kNone) return range;
  range.min = 0;
  if (activation == ir::Activation::kRelu6) range.max = std::min(range.max, 6.0F);
  return range;
}

class Quantizer {
 public:
  Quantizer(const ir::Graph& graph, const Ranges& ranges, const QuantizeOptions& options)
      : graph_(graph), ranges_(ranges), means_(options.means) {
    quant_.tensors.resize(graph.tensors.size());
    quant_.layers.resize(graph.layers.size());
    quant_of(graph.input) = options.input.value_or(choose_quant(ranges[at(graph.input)], kSmallestScale));
    for (const int other : graph.other_inputs)
      quant_of(other) = choose_quant(ranges[at(other)], kSmallestScale);
  }

  ir::Quantization run() {
    for (int i = 0; i < graph_.layer_count(); ++i) {
      const ir::Layer& layer = graph_.layer(i);
      if (ir::op_info(layer.op).has_weights)
        quantize_weights(i);
      else
        quant_of(layer.output) = plain_output(i);
    }
    return std::move(quant_);
  }

 private:
  ir::TensorQuant& quant_of(int tensor) { return quant_.tensors[at(tensor)]; }

  ir::TensorQuant output_quant(const ir::Layer& layer, float smallest_scale) const {
    const Range range = activated(ranges_[at(layer.output)], layer.activation);
    return choose_quant(useful(range, layer.output), smallest_scale);
  }

  /// A tensor that only functions read needs no values beyond those that make a difference to them.
  Range useful(Range range, int tensor) const {
    if (graph_.is_output(tensor)) return range;
    double low = ir::kNoBound, high = -ir::kNoBound;
    for (const ir::Layer& layer : graph_.layers) {
      if (layer.inputs[0] != tensor && layer.inputs[1] != tensor) continue;
      low = std::min(low, ir::function_info(layer.function).low);
      high = std::max(high, ir::function_info(layer.function).high);
    }
    if (low > high) return range;  // nobody reads it
    return {.min = std::max(range.min, static_cast<float>(low)),
            .max = std::min(range.max, static_cast<float>(high))};
  }

  /// The output's quantization of an operation without weights.
  ir::TensorQuant plain_output(int index) {
    const ir::Layer& layer = graph_.layer(index);
    if (layer.op == ir::OpKind::kSoftmax || ir::function_info(layer.function).is_share) return kShareQuant;
    if (layer.op == ir::OpKind::kLogSoftmax) return kLogShareQuant;
    const ir::TensorQuant& first = quant_of(layer.inputs[0]);
    if (ir::op_info(layer.op).moves_values) {
      if (layer.activation != ir::Activation::kNone)
        throw UnsupportedError(fmt::format("{}: an activation behind {} is not supported",
                                           ir::describe_layer(graph_, index), ir::op_name(layer.op)));
      return first;
    }
    const float second = layer.inputs[1] < 0 ? 0 : quant_of(layer.inputs[1]).scale;
    const float coarsest =
        layer.op == ir::OpKind::kMul ? first.scale * second : std::max(first.scale, second);
    return output_quant(layer, coarsest / kCoarsestInput);
  }

  void quantize_weights(int index) {
    const ir::Layer& layer = graph_.layer(index);
    const auto& [weight, bias] = graph_.parameters[at(index)];
    ir::QuantParameters& q = quant_.layers[at(index)];
    const double in_scale = quant_of(layer.inputs[0]).scale;
    const std::size_t taps = weight.size() / bias.size();
    const double largest_bias =
        layer.op == ir::OpKind::kDepthwiseConv2d ? kLargestDepthwiseBias : kLargestBias;

    q.weight_scale.resize(bias.size());
    for (std::size_t c = 0; c < bias.size(); ++c) {
      const float for_weights = largest_magnitude({weight.data() + c * taps, taps}) / kLargestWeight;
      const double for_bias = std::abs(bias[c]) / (in_scale * largest_bias);
      q.weight_scale[c] = std::max(for_weights, static_cast<float>(for_bias));
    }
    // An output finer than the accumulator would only need more bits.
    const float coarsest = *std::max_element(q.weight_scale.begin(), q.weight_scale.end());
    quant_of(layer.output) =
        output_quant(layer, std::max(static_cast<float>(in_scale * coarsest), kSmallestScale));
    const double smallest = kSmallestMultiplier * quant_of(layer.output).scale / in_scale;

    q.weight.resize(weight.size());
    q.bias.resize(bias.size());
    for (std::size_t c = 0; c < bias.size(); ++c) {
      float& scale = q.weight_scale[c];
      scale = std::max(scale, static_cast<float>(smallest));
      for (std::size_t k = c * taps; k < (c + 1) * taps; ++k)
        q.weight[k] = static_cast<std::int8_t>(std::clamp(std::lround(weight[k] / scale), -127L, 127L));
      const double real = bias[c] - mean_error(index, c, {weight.data() + c * taps, taps});
      q.bias[c] = static_cast<std::int32_t>(std::llround(real / (in_scale * scale)));
    }
  }

  /// What the rounding of its weights adds to an output channel on average: the sum over the taps of error
  /// times the mean of the input's channel (arXiv:1906.04721, section 4.2). 0 where no means are given.
  double mean_error(int index, std::size_t channel, std::span<const float> weight) const {
    if (means_.empty()) return 0;
    const ir::Layer& layer = graph_.layer(index);
    const ir::QuantParameters& q = quant_.layers[at(index)];
    const std::vector<float>& means = means_[at(layer.inputs[0])];
    double sum = 0;
    for (std::size_t k = 0; k < weight.size(); ++k) {
      const std::size_t from = layer.op == ir::OpKind::kDepthwiseConv2d ? channel : k % means.size();
      const double rounded = double{q.weight_scale[channel]} * q.weight[channel * weight.size() + k];
      sum += (rounded - weight[k]) * means[from];
    }
    return sum;
  }

  const ir::Graph& graph_;
  const Ranges& ranges_;
  const ChannelMeans& means_;
  ir::Quantization quant_;
};

}  // namespace

ir::Graph quantize(const ir::Graph& graph, const Ranges& ranges, const QuantizeOptions& options) {
  if (graph.parameters.empty())
    throw GraphError("graph: no float parameters to quantize; attach weights first");
  ir::validate(graph);
  if (ranges.size() != graph.tensors.size())
    throw GraphError(fmt::format("quantize: {} ranges for {} tensors", ranges.size(), graph.tensors.size()));
  for (std::size_t t = 0; t < ranges.size(); ++t)
    if (!std::isfinite(ranges[t].min) || !std::isfinite(ranges[t].max) || ranges[t].min > ranges[t].max)
      throw GraphError(
          fmt::format("quantize: the range of tensor {} is {} .. {}", t, ranges[t].min, ranges[t].max));

  ir::Graph result = graph;
  result.parameters.clear();
  result.quant = Quantizer(graph, ranges, options).run();
  for (ir::Layer& layer : result.layers) layer.activation = ir::Activation::kNone;
  ir::validate(result);
  return result;
}

}  // namespace tinynas::quant
