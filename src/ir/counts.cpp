#include "tinynas/ir/graph.h"
#include "tinynas/ir/ops.h"

namespace tinynas::ir {
namespace {

/// Weights that one output value is a sum over.
std::int64_t taps(const Graph& graph, const Layer& layer) {
  const std::int64_t window = std::int64_t{layer.kernel_h} * layer.kernel_w;
  switch (layer.op) {
    case OpKind::kConv2d:
      return window * graph.in_shape(layer).c;
    case OpKind::kDepthwiseConv2d:
      return window;
    case OpKind::kDense:
      return graph.in_shape(layer).c;
    default:
      return 0;
  }
}

}  // namespace

std::int64_t input_elements(const Graph& graph) {
  std::int64_t sum = 0;
  for (int i = 0; i < graph.input_count(); ++i) sum += graph.tensor(graph.input_tensor(i)).elements();
  return sum;
}

std::int64_t output_elements(const Graph& graph) {
  std::int64_t sum = 0;
  for (int i = 0; i < graph.output_count(); ++i) sum += graph.tensor(graph.output_tensor(i)).elements();
  return sum;
}

LayerCounts layer_counts(const Graph& graph, const Layer& layer) {
  const Shape& out = graph.out_shape(layer);
  const std::int64_t weights = taps(graph, layer) * out.c;
  return {.macs = weights * out.h * out.w,
          .weights = weights,
          .biases = op_info(layer.op).has_weights ? out.c : 0};
}

Macs layer_macs(const Graph& graph, const Layer& layer) { return layer_counts(graph, layer).macs; }

Macs graph_macs(const Graph& graph) {
  Macs sum = 0;
  for (const Layer& layer : graph.layers) sum += layer_macs(graph, layer);
  return sum;
}

std::int64_t layer_weights(const Graph& graph, const Layer& layer) {
  return layer_counts(graph, layer).weights;
}

std::int64_t layer_biases(const Graph& graph, const Layer& layer) {
  return layer_counts(graph, layer).biases;
}

}  // namespace tinynas::ir
