#pragma once

#include "support/quantized_graphs.h"

namespace tinynas::test {

/// A streaming network: every call takes 3 rows of 4 columns and 5 channels, as a wake word's features, and
/// makes 1 row of [1, 1, 2]. It reads rows of earlier calls by convolutions, depthwise layers, pools, and a
/// convolution over the last rows in place of a dense layer; one tensor is read by two layers that keep
/// different numbers of rows.
enum class Pools : std::uint8_t { kNone, kSome };
inline ir::Graph streaming_network(Rng rng, Pools pools = Pools::kSome) {
  GraphBuilder b({3, 4, 5}, rng);
  const auto window = [&](ir::OpKind op, int from, int kernel, int stride, int channels, int dilation = 1) {
    return b.append({.op = op,
                     .activation = op == ir::OpKind::kConv2d ? ir::Activation::kRelu : ir::Activation::kNone,
                     .kernel_h = static_cast<std::int16_t>(kernel),
                     .stride_h = static_cast<std::int16_t>(stride),
                     .dilation_h = static_cast<std::int16_t>(dilation),
                     .pad_top = static_cast<std::int16_t>((kernel - 1) * dilation + 1 - stride),
                     .streams = true,
                     .inputs = {from, -1}},
                    channels);
  };
  const int first = window(ir::OpKind::kConv2d, 0, 5, 3, 8);
  const int five = window(ir::OpKind::kDepthwiseConv2d, first, 3, 1, 8, 2);  // every other of 5 rows
  const int three = window(ir::OpKind::kDepthwiseConv2d, first, 3, 1, 8);
  const int both = b.append({.op = ir::OpKind::kConcat, .inputs = {five, three}}, 0);
  const int mixed = b.conv(both, 8, 1, 1, ir::Activation::kRelu);
  const int sum = b.add(b.conv(window(ir::OpKind::kDepthwiseConv2d, mixed, 9, 1, 8), 8, 1), mixed);
  int last = sum;
  if (pools == Pools::kSome) last = window(ir::OpKind::kMaxPool, last, 2, 1, 8);
  if (pools == Pools::kSome) last = window(ir::OpKind::kAveragePool, last, 4, 1, 8);
  const int score = b.append({.op = ir::OpKind::kConv2d,
                              .kernel_h = 6,
                              .kernel_w = 4,
                              .pad_top = 5,
                              .streams = true,
                              .inputs = {last, -1}},
                             2);
  return b.finish(score);
}

inline ir::Graph quantized_streaming_network(Rng rng, Pools pools = Pools::kSome) {
  return quantize_on_noise(streaming_network(rng.fork("network"), pools), rng.fork("images"));
}

/// The same layers over the whole signal of `calls` calls at once: what streams is padded with zeros above.
/// Pools do not count padding, but the zeros before the first call: the first outputs behind them differ.
inline ir::Graph whole_signal(ir::Graph graph, int calls) {
  for (ir::Shape& shape : graph.tensors) shape.h *= calls;
  for (ir::Layer& layer : graph.layers) layer.streams = false;
  ir::validate(graph);
  return graph;
}

/// Rows of random int8 values for so many calls.
inline std::vector<std::vector<std::int8_t>> random_calls(const ir::Graph& graph, Rng rng, int calls) {
  std::vector<std::vector<std::int8_t>> rows(at(calls));
  for (auto& call : rows)
    for (std::int64_t i = 0; i < graph.tensor(graph.input).elements(); ++i)
      call.push_back(static_cast<std::int8_t>(rng.between(-128, 127)));
  return rows;
}

}  // namespace tinynas::test
