#pragma once

#include <cmath>
#include <string>
#include <utility>

#include "tinynas/core/rng.h"
#include "tinynas/ir/builder.h"

namespace tinynas::test {

/// Builds float graphs layer by layer; every call returns the index of the tensor it made. Weights are drawn
/// from the Rng so that the variance of the activations stays near one.
class GraphBuilder {
 public:
  GraphBuilder(ir::Shape input, Rng rng) : rng_(rng) { builder_.input(input); }

  int conv(int from, int channels, int kernel, int stride = 1,
           ir::Activation activation = ir::Activation::kNone) {
    return drawn(
        builder_.conv(from, channels, {.kernel = kernel, .stride = stride, .activation = activation}));
  }
  int depthwise(int from, int kernel, int stride = 1, ir::Activation activation = ir::Activation::kNone) {
    return drawn(builder_.depthwise(from, {.kernel = kernel, .stride = stride, .activation = activation}));
  }
  int dense(int from, int channels, ir::Activation activation = ir::Activation::kNone) {
    return drawn(builder_.dense(from, channels, {.activation = activation}));
  }
  int add(int a, int b, ir::Activation activation = ir::Activation::kNone) {
    return drawn(builder_.add(a, b, {.activation = activation}));
  }
  int other_input(const ir::Shape& shape) { return builder_.other_input(shape); }
  void other_output(int tensor) { builder_.other_output(tensor); }
  int global_pool(int from) { return drawn(builder_.global_pool(from)); }
  /// Any other layer, with its inputs set; the output is made here.
  int append(const ir::Layer& layer, int channels) { return drawn(builder_.append(layer, channels)); }
  int gather(int from, const ir::ChannelMap& map) {
    graph_.maps.push_back(map);
    return append(
        {.op = ir::OpKind::kGather, .inputs = {from, -1}, .map = static_cast<int>(graph_.maps.size()) - 1},
        static_cast<int>(map.size()));
  }
  const ir::Shape& shape(int tensor) const { return builder_.shape(tensor); }
  const ir::Graph& graph() const { return graph_; }  ///< as far as it is built
  Rng& rng() { return rng_; }
  ir::Graph finish(int output) {
    builder_.finish(output);
    ir::validate(graph_);
    return std::move(graph_);
  }

 private:
  /// Draws the weights of the layer that made `output`: the last.
  int drawn(int output) {
    const ir::Layer& layer = graph_.layers.back();
    ir::Parameters& p = graph_.parameters.emplace_back();
    p.weight.resize(at(ir::layer_weights(graph_, layer)));
    p.bias.resize(at(ir::layer_biases(graph_, layer)));
    if (p.bias.empty()) return output;
    const double taps = static_cast<double>(p.weight.size()) / static_cast<double>(p.bias.size());
    for (float& w : p.weight) w = static_cast<float>(rng_.normal() / std::sqrt(taps));
    for (float& b : p.bias) b = static_cast<float>(0.2 * rng_.normal());
    return output;
  }

  ir::Graph graph_;
  ir::Builder builder_{graph_, ir::Names::kWritten};
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

/// Rows, columns and channels of a tensor cut, chosen, joined and reshaped: every operation that moves
/// values.
inline int every_move(GraphBuilder& b, int from) {
  const auto cut = [&](int low, int high) { return static_cast<std::int16_t>(b.rng().between(low, high)); };
  const ir::Shape in = b.shape(from);
  const int upper = b.append({.op = ir::OpKind::kSlice,
                              .stride_h = cut(1, 2),
                              .pad_top = cut(0, in.h / 4),
                              .pad_left = 1,
                              .pad_bottom = cut(0, in.h / 4),
                              .inputs = {from, -1}},
                             0);
  const int lower = b.append(
      {.op = ir::OpKind::kSlice, .pad_top = cut(0, in.h - 1), .pad_right = 1, .inputs = {from, -1}}, 0);
  const int joined = b.append({.op = ir::OpKind::kConcatRows, .inputs = {upper, lower}}, 0);
  ir::ChannelMap map(static_cast<std::size_t>(2 * b.rng().between(1, 4)));
  for (auto& channel : map) channel = static_cast<std::int16_t>(b.rng().between(-1, in.c - 1));
  const int chosen = b.gather(joined, map);
  const ir::Shape wide = b.shape(chosen);
  const int rows = b.append({.op = ir::OpKind::kReshape, .stride_h = 2, .inputs = {chosen, -1}}, wide.c / 2);
  return b.append({.op = ir::OpKind::kReshape, .kernel_h = 2, .inputs = {rows, -1}}, wide.c);
}

/// A float network whose values move between convolutions, and behind the last.
inline ir::Graph moving_network(Rng rng) {
  GraphBuilder b({.h = rng.between(5, 12), .w = rng.between(4, 9), .c = 3}, rng);
  const int moved = every_move(b, b.conv(0, b.rng().between(3, 9), 3, 1, ir::Activation::kRelu));
  const int sum = b.conv(moved, 6, 3);
  return b.finish(every_move(b, b.add(sum, b.gather(sum, {5, 4, 3, 2, 1, 0}))));
}

/// A float network with every operation that computes: squeeze and excite, pools with padding, a joined
/// branch that is scaled up, softmax.
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
  const auto function = [&](ir::Function function, int from) {
    return b.append({.op = ir::OpKind::kFunction, .function = function, .inputs = {from, -1}}, 0);
  };
  const int gate = function(ir::Function::kHardSigmoid,
                            b.dense(b.dense(b.global_pool(stem), 4, ir::Activation::kRelu), channels));
  const int gated = b.append({.op = ir::OpKind::kMul, .inputs = {stem, gate}}, 0);
  const int squared = b.append({.op = ir::OpKind::kMul, .inputs = {gated, stem}}, 0);
  const int largest = pool(ir::OpKind::kMaxPool, squared);
  const int mean =
      function(static_cast<ir::Function>(b.rng().between(1, static_cast<int>(ir::kFunctions.size()) - 1)),
               pool(ir::OpKind::kAveragePool, gated));
  const int joined = b.append({.op = ir::OpKind::kConcat, .inputs = {largest, mean}}, 0);
  const int scaled =
      b.append({.op = ir::OpKind::kResizeNearest, .stride_h = 2, .stride_w = 3, .inputs = {joined, -1}}, 0);
  const int scores = b.dense(b.global_pool(b.depthwise(scaled, 5, 2, ir::Activation::kRelu)), 6);
  return b.finish(b.append({.op = ir::OpKind::kSoftmax, .inputs = {scores, -1}}, 0));
}

/// A float network with two inputs and three outputs: the first is made by a layer in the middle, another is
/// read by layers, the third is made last.
inline ir::Graph several_ends(Rng rng) {
  GraphBuilder b({.h = rng.between(6, 14), .w = rng.between(6, 14), .c = 3}, rng);
  const int stem = b.conv(0, b.rng().between(3, 9), 3, b.rng().between(1, 2), ir::Activation::kRelu6);
  const int joined = b.add(stem, b.other_input(b.shape(stem)));
  const int features = b.depthwise(joined, 3, 1, ir::Activation::kRelu6);
  const int boxes = b.conv(features, 4, 1);
  const int narrow = b.conv(features, 5, 3, 2, ir::Activation::kRelu);
  b.other_output(features);
  b.other_output(b.dense(b.global_pool(narrow), 6));
  return b.finish(boxes);
}

/// A network with the operations that only networks of others have.
inline ir::Graph further_operations(Rng rng) {
  GraphBuilder b({.h = rng.between(5, 9), .w = rng.between(5, 9), .c = 3}, rng);
  const auto unfolded = [&](int from, int h, int w) {
    return b.append({.op = ir::OpKind::kDepthToSpace,
                     .stride_h = static_cast<std::int16_t>(h),
                     .stride_w = static_cast<std::int16_t>(w),
                     .inputs = {from, -1}},
                    0);
  };
  const auto with = [&](ir::Layer layer, int first, int second) {
    layer.inputs = {first, second};
    return b.append(layer, 7);
  };
  const int square = unfolded(b.conv(0, 8, 3, 1, ir::Activation::kRelu6), 2, 2);
  const int oblong = unfolded(b.conv(square, 12, 3, 2), 1, 3);
  const int dilated =
      with({.kernel_h = 3, .kernel_w = 2, .dilation_h = 2, .pad_top = 4, .pad_right = 1}, oblong, -1);
  const int other = b.conv(oblong, 7, 3);
  const int apart = with(
      {.op = ir::OpKind::kDepthwiseConv2d, .kernel_h = 2, .dilation_h = 3, .pad_bottom = 3}, dilated, -1);
  const int larger = with({.op = ir::OpKind::kMaximum}, apart, other);
  const int smaller = with({.op = ir::OpKind::kMinimum}, larger, dilated);
  const int less = with({.op = ir::OpKind::kAdd, .subtracts = true}, smaller, other);
  const int bounded =
      with({.op = ir::OpKind::kFunction, .function = ir::Function::kAtLeast, .slope = -0.5F}, less, -1);
  return b.finish(with({.op = ir::OpKind::kLogSoftmax}, b.dense(b.global_pool(bounded), 6), -1));
}

}  // namespace tinynas::test
