#pragma once

#include <cmath>
#include <string>
#include <utility>

#include "tinynas/core/rng.h"
#include "tinynas/ir/graph.h"

namespace tinynas::test {

/// Builds float graphs layer by layer; every call returns the index of the tensor it made. Weights are drawn
/// from the Rng so that the variance of the activations stays near one.
class GraphBuilder {
 public:
  GraphBuilder(ir::Shape input, Rng rng) : rng_(rng) { graph_.tensors.push_back(input); }

  int conv(int from, int channels, int kernel, int stride = 1,
           ir::Activation activation = ir::Activation::kNone) {
    return window(ir::OpKind::kConv2d, from, channels, kernel, stride, activation);
  }
  int depthwise(int from, int kernel, int stride = 1, ir::Activation activation = ir::Activation::kNone) {
    return window(ir::OpKind::kDepthwiseConv2d, from, shape(from).c, kernel, stride, activation);
  }
  int dense(int from, int channels, ir::Activation activation = ir::Activation::kNone) {
    return append({.op = ir::OpKind::kDense, .activation = activation, .inputs = {from, -1}}, channels);
  }
  int add(int a, int b, ir::Activation activation = ir::Activation::kNone) {
    return append({.op = ir::OpKind::kAdd, .activation = activation, .inputs = {a, b}}, 0);
  }
  int global_pool(int from) {
    return append({.op = ir::OpKind::kGlobalAveragePool, .inputs = {from, -1}}, 0);
  }
  /// Any other layer, with its inputs set; the output is made here.
  int append(ir::Layer layer, int channels) {
    std::optional<ir::Shape> second;
    if (layer.inputs[1] >= 0) second = shape(layer.inputs[1]);
    graph_.tensors.push_back(ir::infer_output(layer, shape(layer.inputs[0]), second, channels));
    layer.output = static_cast<int>(graph_.tensors.size()) - 1;
    graph_.layers.push_back(layer);
    graph_.names.push_back("layer" + std::to_string(graph_.layers.size() - 1));
    graph_.parameters.push_back(draw(layer));
    return layer.output;
  }
  const ir::Shape& shape(int tensor) const { return graph_.tensor(tensor); }
  Rng& rng() { return rng_; }
  ir::Graph finish(int output) {
    graph_.output = output;
    ir::validate(graph_);
    return std::move(graph_);
  }

 private:
  /// Padding as "same" with a centred window: kernel / 2 on every side.
  int window(ir::OpKind op, int from, int channels, int kernel, int stride, ir::Activation activation) {
    const auto k = static_cast<std::int16_t>(kernel);
    const auto s = static_cast<std::int16_t>(stride);
    const auto pad = static_cast<std::int16_t>(kernel / 2);
    return append({.op = op,
                   .activation = activation,
                   .kernel_h = k,
                   .kernel_w = k,
                   .stride_h = s,
                   .stride_w = s,
                   .pad_top = pad,
                   .pad_left = pad,
                   .pad_bottom = pad,
                   .pad_right = pad,
                   .inputs = {from, -1}},
                  channels);
  }
  ir::Parameters draw(const ir::Layer& layer) {
    ir::Parameters p;
    p.weight.resize(at(ir::layer_weights(graph_, layer)));
    p.bias.resize(at(ir::layer_biases(graph_, layer)));
    if (p.bias.empty()) return p;
    const double taps = static_cast<double>(p.weight.size()) / static_cast<double>(p.bias.size());
    for (float& w : p.weight) w = static_cast<float>(rng_.normal() / std::sqrt(taps));
    for (float& b : p.bias) b = static_cast<float>(0.2 * rng_.normal());
    return p;
  }

  ir::Graph graph_;
  Rng rng_;
};

/// A float network of the shape the search makes: stem, inverted residuals (with skips), pool, dense; sizes,
/// kernels, strides and activations drawn, odd ones included.
inline ir::Graph random_network(Rng rng, int blocks = 3) {
  const ir::Shape input = {.h = rng.between(7, 17), .w = rng.between(7, 17), .c = rng.chance(0.5) ? 1 : 3};
  GraphBuilder b(input, rng);
  const auto kernel = [&] { return 1 + 2 * b.rng().between(1, 3); };
  constexpr ir::Activation kRelu6 = ir::Activation::kRelu6;
  int t = b.conv(0, b.rng().between(3, 17), 3, b.rng().between(1, 2), kRelu6);
  for (int i = 0; i < blocks; ++i) {
    const int from = t;
    const bool skip = b.rng().chance(0.6);
    const int channels = skip ? b.shape(from).c : b.rng().between(3, 21);
    t = b.conv(from, b.shape(from).c * b.rng().between(2, 4), 1, 1, kRelu6);
    t = b.depthwise(t, kernel(), skip ? 1 : b.rng().between(1, 2),
                    b.rng().chance(0.3) ? ir::Activation::kRelu : kRelu6);
    t = b.conv(t, channels, 1);
    if (skip) t = b.add(from, t);
  }
  return b.finish(b.dense(b.global_pool(t), b.rng().between(2, 12)));
}

/// A float network with every operation there is: squeeze and excite, pools with padding, a joined branch
/// that is scaled up, softmax.
inline ir::Graph every_operation(Rng rng) {
  GraphBuilder b({.h = rng.between(9, 14), .w = rng.between(9, 14), .c = 3}, rng);
  const auto pool = [&](ir::OpKind op, int from) {
    return b.append({.op = op,
                     .kernel_h = 3,
                     .kernel_w = 2,
                     .stride_h = 2,
                     .stride_w = 2,
                     .pad_top = 1,
                     .pad_left = 1,
                     .pad_bottom = 2,
                     .inputs = {from, -1}},
                    0);
  };
  const int stem = b.conv(0, b.rng().between(4, 11), 3, 1, ir::Activation::kRelu6);
  const int channels = b.shape(stem).c;
  const int gate = b.dense(b.dense(b.global_pool(stem), 4, ir::Activation::kRelu), channels);
  const int gated = b.append({.op = ir::OpKind::kMul, .inputs = {stem, gate}}, 0);
  const int squared = b.append({.op = ir::OpKind::kMul, .inputs = {gated, stem}}, 0);
  const int largest = pool(ir::OpKind::kMaxPool, squared);
  const int mean = pool(ir::OpKind::kAveragePool, gated);
  const int joined = b.append({.op = ir::OpKind::kConcat, .inputs = {largest, mean}}, 0);
  const int scaled =
      b.append({.op = ir::OpKind::kResizeNearest, .stride_h = 2, .stride_w = 3, .inputs = {joined, -1}}, 0);
  const int scores = b.dense(b.global_pool(b.depthwise(scaled, 5, 2, ir::Activation::kRelu)), 6);
  return b.finish(b.append({.op = ir::OpKind::kSoftmax, .inputs = {scores, -1}}, 0));
}

}  // namespace tinynas::test
