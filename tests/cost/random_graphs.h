#pragma once

#include "support/graphs.h"

namespace tinynas::test {

/// A bare graph as the search spaces make them, but with odd sizes, uneven padding and sometimes a branch:
/// stem, blocks (expand, depthwise, project, perhaps added to their input), sometimes pool and classifier.
class RandomGraph {
 public:
  /// Channels are multiples of `divisor`.
  explicit RandomGraph(const Rng& rng, int divisor = 1)
      : rng_(rng),
        divisor_(divisor),
        builder_({rng_.between(5, 40), rng_.between(3, 12), channels(1, 3)}, rng_.fork("weights")) {}

  ir::Graph network(int most_blocks, bool branches) {
    int tensor = window(ir::OpKind::kConv2d, 0, channels(2, 12), rng_.chance(0.7) ? 2 : 1);
    for (int block = rng_.between(1, most_blocks); block > 0; --block)
      tensor = branches && rng_.chance(0.3) ? branch(tensor) : inverted_residual(tensor);
    if (rng_.chance(0.6)) tensor = builder_.dense(builder_.global_pool(tensor), rng_.between(2, 20));
    ir::Graph graph = builder_.finish(tensor);
    graph.parameters.clear();
    return graph;
  }

  /// The same with tensors on the way as outputs, if `taps` also outputs that nobody reads and inputs that
  /// are added to what there is.
  ir::Graph several_ends(int most_blocks, bool taps) {
    int tensor = window(ir::OpKind::kConv2d, 0, channels(2, 12), rng_.chance(0.7) ? 2 : 1);
    for (int block = rng_.between(1, most_blocks); block > 0; --block) {
      tensor = taps && rng_.chance(0.3) ? branch(tensor) : inverted_residual(tensor);
      if (rng_.chance(0.3)) builder_.other_output(tensor);
      if (!taps) continue;
      if (rng_.chance(0.3)) tensor = builder_.add(tensor, own_branch(builder_.shape(tensor)));
      if (rng_.chance(0.4)) builder_.other_output(builder_.conv(tensor, channels(1, 6), odd_kernel()));
    }
    builder_.other_output(tensor = builder_.conv(tensor, channels(2, 8), 1));
    if (rng_.chance(0.6))
      tensor = builder_.dense(builder_.global_pool(tensor), rng_.between(2, 20));
    else
      tensor = builder_.conv(tensor, channels(2, 8), 1);
    ir::Graph graph = builder_.finish(tensor);
    if (rng_.chance(0.5)) std::swap(graph.output, graph.other_outputs.back());
    graph.parameters.clear();
    return graph;
  }

 private:
  /// A tensor of this shape that is another input, or made from one.
  int own_branch(const ir::Shape& shape) {
    if (rng_.chance(0.5)) return builder_.other_input(shape);
    return builder_.conv(builder_.other_input({shape.h, shape.w, channels(1, 4)}), shape.c, odd_kernel());
  }
  int channels(int low, int high) { return divisor_ * rng_.between(low, high); }
  int odd_kernel() { return 2 * rng_.between(0, 3) + 1; }

  /// Any kernel that fits the image, any padding below the kernel.
  int window(ir::OpKind op, int from, int channels, int stride) {
    const ir::Shape in = builder_.shape(from);
    const auto pad = [&](int kernel) { return rng_.chance(0.6) ? kernel / 2 : rng_.between(0, kernel - 1); };
    ir::Layer layer{.op = op, .inputs = {from, -1}};
    const int kernel_h = odd_kernel(), kernel_w = odd_kernel();
    layer.stride_h = layer.stride_w = static_cast<std::int16_t>(stride);
    layer.pad_top = static_cast<std::int16_t>(pad(kernel_h));
    layer.pad_bottom = static_cast<std::int16_t>(pad(kernel_h));
    layer.pad_left = layer.pad_right = static_cast<std::int16_t>(kernel_w / 2);
    layer.kernel_w = static_cast<std::int16_t>(kernel_w);
    layer.kernel_h = static_cast<std::int16_t>(kernel_h);
    if (in.h + layer.pad_top + layer.pad_bottom < kernel_h) {
      layer.kernel_h = 1;
      layer.pad_top = layer.pad_bottom = 0;
    }
    return builder_.append(layer, channels);
  }

  int inverted_residual(int from) {
    const ir::Shape in = builder_.shape(from);
    const int stride = rng_.chance(0.3) && in.h > 4 ? 2 : 1;
    const int expanded = rng_.chance(0.8) ? builder_.conv(from, in.c * rng_.between(2, 5), 1) : from;
    const int depthwise =
        rng_.chance(0.5) ? builder_.depthwise(expanded, odd_kernel(), stride)
                         : window(ir::OpKind::kDepthwiseConv2d, expanded, builder_.shape(expanded).c, stride);
    const bool residual = builder_.shape(depthwise).h == in.h && builder_.shape(depthwise).w == in.w;
    const int out = builder_.conv(depthwise, residual && rng_.chance(0.7) ? in.c : channels(2, 16), 1);
    return builder_.shape(out) == in ? builder_.add(from, out) : out;
  }

  /// Two ways from one tensor to a sum of the same shape.
  int branch(int from) {
    const int width = channels(2, 8), stride = rng_.chance(0.5) ? 2 : 1;
    const int left = builder_.conv(from, width, odd_kernel(), stride);
    const int middle = builder_.depthwise(from, odd_kernel(), stride);
    const int right = builder_.conv(builder_.depthwise(middle, odd_kernel()), width, 1);
    const int sum = builder_.add(left, right);
    return rng_.chance(0.3) && builder_.shape(sum).w > 1 ? every_move(builder_, sum) : sum;
  }

  Rng rng_;
  int divisor_;
  GraphBuilder builder_;
};

}  // namespace tinynas::test
