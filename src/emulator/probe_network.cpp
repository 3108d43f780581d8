#include <algorithm>
#include <array>
#include <cmath>

#include "tinynas/emulator/calibration.h"
#include "tinynas/ir/builder.h"
#include "tinynas/ir/ops.h"

namespace tinynas::emulator {
namespace {

using ir::OpKind;

/// Mostly multiples of eight, as spaces have them.
int channels(Rng& rng, int least, int most) {
  const int drawn = rng.between(least, most);
  return rng.chance(0.75) ? (drawn + 7) / 8 * 8 : drawn;
}

/// Weights and scales such that outputs deviate by half of int8.
ir::QuantParameters random_parameters(const ir::Graph& graph, const ir::Layer& layer, Rng& rng) {
  constexpr int kMostWeight = 60;    // a layer of 2,000 inputs stays far from overflow
  constexpr double kUniform = 0.58;  // deviation of values drawn evenly from [-1, 1]
  constexpr double kOutputDeviation = 60;
  ir::QuantParameters p;
  const std::int64_t biases = ir::layer_biases(graph, layer), weights = ir::layer_weights(graph, layer);
  if (biases == 0) return p;
  for (std::int64_t i = 0; i < weights; ++i)
    p.weight.push_back(static_cast<std::int8_t>(rng.between(-kMostWeight, kMostWeight)));
  const double taps = static_cast<double>(weights) / static_cast<double>(biases);
  const double deviation = kUniform * kMostWeight * kUniform * 128 * std::sqrt(taps);
  const auto scale = [&](int t) { return double{graph.quant_of(t).scale}; };
  p.bias.assign(at(biases), 0);
  p.weight_scale.assign(at(biases), static_cast<float>(kOutputDeviation / deviation * scale(layer.output) /
                                                       scale(layer.inputs[0])));
  return p;
}

/// How a layer's output is quantized, given its inputs.
ir::TensorQuant output_quant(const ir::Graph& graph, const ir::Layer& layer, Rng& rng) {
  const auto quant = [&](int i) { return graph.quant_of(layer.inputs[at(i)]); };
  const int zero_point = rng.between(-20, 20);
  if (ir::op_info(layer.op).moves_values) return quant(0);
  switch (layer.op) {
    case OpKind::kSoftmax:
      return {.scale = 1.0F / 256, .zero_point = -128};
    case OpKind::kAdd:
      return {.scale = 1.4F * std::max(quant(0).scale, quant(1).scale), .zero_point = zero_point};
    case OpKind::kLogSoftmax:
      return {.scale = 1.0F / 16, .zero_point = 127};
    case OpKind::kConcatRows:
    case OpKind::kConcat: {  // no input is quantized like the output: it would only be moved
      int other = zero_point;
      while (other == quant(0).zero_point || other == quant(1).zero_point) ++other;
      return {.scale = std::max(quant(0).scale, quant(1).scale), .zero_point = other};
    }
    case OpKind::kMul:
      return {.scale = 60 * quant(0).scale * quant(1).scale, .zero_point = zero_point};
    case OpKind::kConv2d:
    case OpKind::kDepthwiseConv2d:
    case OpKind::kDense:
      return {.scale = 1.0F / 32, .zero_point = zero_point};
    default:
      return {.scale = quant(0).scale, .zero_point = zero_point};
  }
}

/// Draws the layers of a probe network.
class Prober {
 public:
  Prober(int width, Rng rng) : rng_(rng), stem_stride_(rng_.between(1, 2)) {
    b_.input({.h = std::min(width, kMostRows) * stem_stride_, .w = width * stem_stride_, .c = 3});
  }

  ir::Graph draw() {
    constexpr int kBlocks = 4;
    int t = b_.conv(0, channels(rng_, 4, 32), {.kernel = 3, .stride = stem_stride_});
    if (rng_.chance(0.5)) {
      const int stride = rng_.between(1, 2);  // drawn first
      t = b_.conv(t, channels(rng_, 4, 24), {.kernel = 3, .stride = stride});
    }
    for (int i = 0; i < kBlocks; ++i) t = further(function(extra(block(t))));
    t = b_.global_pool(t);
    if (rng_.chance(0.5)) t = b_.dense(t, rng_.between(1, 16));  // of few outputs, then of few inputs
    t = b_.dense(t, rng_.chance(0.3) ? rng_.between(1, 9) : rng_.between(2, 400));
    b_.finish(b_.softmax(t));
    return std::move(graph_);
  }

 private:
  static constexpr int kMostRows = 16;  // enough to tell the rows at the edges from the others

  /// Expand, depthwise, project, and with stride 1 often a join with the input.
  int block(int from) {
    constexpr int kMostValues = 50'000;  // of an expanded tensor: keeps a run short
    const ir::Shape in = b_.shape(from);
    const int most = std::clamp(kMostValues / (in.w * in.h), 24, 600);
    const bool joins = rng_.chance(0.4);
    const int stride = joins || in.w < 3 ? 1 : rng_.between(1, 2);
    const bool narrow = rng_.chance(0.3);
    int t = b_.conv(from, channels(rng_, narrow ? 8 : most / 4, narrow ? 32 : most));
    const bool large = rng_.chance(0.1);  // 9x9: the kernel for any size
    t = b_.depthwise(t, {.kernel = large ? 9 : 3 + 2 * rng_.between(0, 2), .stride = stride});
    t = b_.conv(t, joins ? in.c : channels(rng_, 6, std::max(most / 4, 24)));
    constexpr std::array kJoins = {OpKind::kAdd, OpKind::kAdd, OpKind::kMul, OpKind::kConcat};
    return joins ? b_.append({.op = rng_.pick(std::span<const OpKind>(kJoins)), .inputs = {from, t}}, 0) : t;
  }
  /// Now and then something less common.
  int extra(int t) {
    const ir::Shape in = b_.shape(t);
    const int kernel = rng_.between(2, 3), kind = rng_.between(0, 7);
    if (kind <= 1 && in.w >= 2 && in.h >= 2) {
      const bool halves = rng_.chance(0.4);
      const auto window = halves ? ir::LayerOptions{.kernel = 2, .stride = 2, .padding = ir::Padding::kNone}
                                 : ir::LayerOptions{.kernel = kernel, .stride = rng_.between(1, 2)};
      return kind == 0 ? b_.max_pool(t, window) : b_.average_pool(t, window);
    }
    if (kind == 2 && in.w <= kMostRows / 2) return b_.resize(t, 2);
    if (kind == 3) {  // squeeze and excite
      const int gate = b_.dense(b_.dense(b_.global_pool(t), std::max(in.c / 4, 4)), in.c);
      return b_.mul(t, gate);
    }
    return t;
  }

  /// Behind half of the blocks. Drawn apart, so that the other layers are those of networks without
  /// functions.
  int function(int t) {
    if (!functions_.chance(0.5)) return t;
    return b_.function(
        t, static_cast<ir::Function>(functions_.between(1, static_cast<int>(ir::Function::kCount) - 1)));
  }

  /// What only networks of others have. Drawn apart, too, and the shape is what it was.
  int further(int t) {
    const ir::Shape in = b_.shape(t);
    const auto half = static_cast<std::int16_t>(in.h / 2);
    switch (further_.between(0, 5)) {
      case 0: {
        const OpKind extreme = further_.chance(0.5) ? OpKind::kMinimum : OpKind::kMaximum;
        return b_.append({.op = extreme, .inputs = {t, gather(t, in.c)}}, 0);
      }
      case 1: {
        if (in.h < 2) return t;
        const int upper = b_.append({.op = OpKind::kSlice, .pad_bottom = half, .inputs = {t, -1}}, 0);
        const int lower =
            b_.append({.op = OpKind::kSlice, .pad_top = narrow(in.h - half), .inputs = {t, -1}}, 0);
        return b_.append({.op = OpKind::kConcatRows, .inputs = {upper, lower}}, 0);
      }
      case 2: {
        const int joined = b_.append({.op = OpKind::kReshape, .inputs = {t, -1}}, in.w * in.c);
        return b_.append({.op = OpKind::kReshape, .inputs = {joined, -1}}, in.c);
      }
      case 3: {
        const int wide = further_.between(1, 2), factor = 2 * wide;
        if (in.c % factor != 0) return t;
        const int unfolded = b_.append(
            {.op = OpKind::kDepthToSpace, .stride_h = 2, .stride_w = narrow(wide), .inputs = {t, -1}}, 0);
        const int chosen = b_.append(
            {.op = OpKind::kSlice, .stride_h = 2, .stride_w = narrow(wide), .inputs = {unfolded, -1}}, 0);
        return gather(chosen, in.c);
      }
      case 4:
        return b_.append({.op = OpKind::kLogSoftmax, .inputs = {t, -1}}, 0);
      default:
        return t;
    }
  }
  static std::int16_t narrow(int value) { return static_cast<std::int16_t>(value); }
  int gather(int from, int channels) {
    ir::ChannelMap map(at(channels));
    for (auto& channel : map) channel = narrow(further_.between(0, b_.shape(from).c - 1));
    graph_.maps.push_back(map);
    return b_.append(
        {.op = OpKind::kGather, .inputs = {from, -1}, .map = static_cast<int>(graph_.maps.size()) - 1},
        channels);
  }

  Rng rng_, functions_ = rng_.fork("functions"), further_ = rng_.fork("further");
  int stem_stride_;
  ir::Graph graph_;
  ir::Builder b_{graph_};
};

}  // namespace

ir::Graph with_random_weights(ir::Graph bare, Rng rng) {
  bare.quant.emplace();
  bare.quant->tensors.resize(bare.tensors.size(), {.scale = 1.0F / 32, .zero_point = 0});
  for (ir::Layer& layer : bare.layers) {
    layer.activation = ir::Activation::kNone;
    bare.quant_of(layer.output) = output_quant(bare, layer, rng);
    bare.quant->layers.push_back(random_parameters(bare, layer, rng));
  }
  return bare;
}

ir::Graph probe_network(int width, Rng rng) { return Prober(width, rng).draw(); }

}  // namespace tinynas::emulator
