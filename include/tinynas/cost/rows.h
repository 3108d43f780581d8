#pragma once

#include "tinynas/ir/graph.h"
#include "tinynas/ir/ops.h"

namespace tinynas::cost {

/// Rows first..last of an input, clamped to the image; none if last is first - 1.
struct RowRange {
  int first = 0, last = 0;
  friend bool operator==(const RowRange&, const RowRange&) = default;
};

/// Which rows of its input number `input` a layer reads to make row `row` of its output. A global average
/// pool reads them all, and takes each one in as it arrives.
RowRange input_rows(const ir::Graph& graph, const ir::Layer& layer, int input, int row);

/// Output row r of `layer` reads rows r * stride - pad .. r * stride - pad + kernel - 1 of its input: true
/// for all but global pooling, scaling up, broadcast, and what cuts or joins rows.
inline bool reads_window(const ir::Graph& graph, const ir::Layer& layer) {
  if (layer.op == ir::OpKind::kGlobalAveragePool || ir::op_info(layer.op).scales_up ||
      ir::op_info(layer.op).moves_rows)
    return false;
  return layer.op != ir::OpKind::kMul || graph.in_shape(layer, 0).h == graph.in_shape(layer, 1).h;
}

/// The window of rows that a layer reads; kernel 1, stride 1, no padding for element-wise layers.
struct RowWindow {
  int kernel = 1, stride = 1, pad = 0;
};
inline RowWindow row_window(const ir::Layer& layer) {
  const bool windowed = ir::op_info(layer.op).windowed;
  return windowed ? RowWindow{ir::window_height(layer), layer.stride_h, layer.pad_top} : RowWindow{};
}

}  // namespace tinynas::cost
