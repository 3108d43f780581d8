#include "quant/scores.h"

#include "tinynas/ir/ops.h"

namespace tinynas::quant {
namespace {

/// Makes shares of scores, or hands values on.
bool keeps_order(const ir::Layer& layer) {
  const bool hands_on = ir::op_info(layer.op).moves_values ||
                        (layer.op == ir::OpKind::kAveragePool && layer.kernel_h * layer.kernel_w == 1);
  return hands_on || layer.op == ir::OpKind::kSoftmax || ir::function_info(layer.function).is_share;
}

}  // namespace

int scores_of(const ir::Graph& graph) {
  int tensor = graph.output;
  for (int i = graph.layer_count() - 1; i >= 0; --i)
    if (const ir::Layer& layer = graph.layer(i); layer.output == tensor) {
      if (!keeps_order(layer)) break;
      tensor = layer.inputs[0];
    }
  return tensor;
}

}  // namespace tinynas::quant
