#include "tinynas/cost/rows.h"

#include <algorithm>

namespace tinynas::cost {

RowRange input_rows(const ir::Graph& graph, const ir::Layer& layer, int input, int row) {
  const int height = graph.in_shape(layer, input).h;
  if (layer.op == ir::OpKind::kGlobalAveragePool) return {0, height - 1};
  if (ir::op_info(layer.op).scales_up) return {row / layer.stride_h, row / layer.stride_h};
  if (layer.op == ir::OpKind::kSlice) {
    const int from = layer.pad_top + row * layer.stride_h;
    return {from, from};
  }
  if (layer.op == ir::OpKind::kConcatRows) {  // of the other input nothing: the rows from here on are next
    const int above = graph.in_shape(layer, 0).h;
    if (input == 0) return row < above ? RowRange{row, row} : RowRange{above, above - 1};
    return row < above ? RowRange{0, -1} : RowRange{row - above, row - above};
  }
  if (layer.op == ir::OpKind::kReshape) {
    const int from = row / layer.stride_h * layer.kernel_h;
    return {from, from + layer.kernel_h - 1};
  }
  if (layer.op == ir::OpKind::kMul && height == 1) return {0, 0};  // [1, 1, C] times every row
  const RowWindow window = row_window(layer);
  const int first = row * window.stride - window.pad;
  return {std::max(first, 0), std::min(first + window.kernel, height) - 1};
}

}  // namespace tinynas::cost
