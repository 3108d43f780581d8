#include "tinynas/cost/rows.h"

#include <algorithm>

namespace tinynas::cost {

RowRange input_rows(const ir::Graph& graph, const ir::Layer& layer, int input, int row) {
  const int height = graph.in_shape(layer, input).h;
  if (layer.op == ir::OpKind::kGlobalAveragePool) return {0, height - 1};
  if (ir::op_info(layer.op).scales_up) return {row / layer.stride_h, row / layer.stride_h};
  if (layer.op == ir::OpKind::kMul && height == 1) return {0, 0};  // [1, 1, C] times every row
  const RowWindow window = row_window(layer);
  const int first = row * window.stride - window.pad;
  return {std::max(first, 0), std::min(first + window.kernel, height) - 1};
}

}  // namespace tinynas::cost
