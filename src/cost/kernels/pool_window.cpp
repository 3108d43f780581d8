#include "cost/kernels/family.h"
#include "cost/kernels/shapes.h"

namespace tinynas::cost {
namespace {

constexpr Bytes kWindowPoolStruct = 28;

/// Bytes from a column of a line to the next where windows are pooled: a line is a plane, or an interleaved
/// row.
Bytes column_step(const Graph& graph, const Layer& layer) {
  return layer.inputs[0] == graph.input ? graph.in_shape(layer).c : 1;
}
/// Windows of 2x2 side by side inside the image need no line.
bool pools_halves(const Graph& graph, const Layer& layer) {
  const bool halves = layer.kernel_h == 2 && layer.kernel_w == 2 && layer.stride_w == 2;
  return halves && layer.pad_top + layer.pad_bottom + layer.pad_left + layer.pad_right == 0 &&
         column_step(graph, layer) == 1;
}
/// Sums of the columns of a line, int16, where there are instructions for four at a time.
Bytes average_pool_scratch(const Graph& graph, const Layer& layer, KernelIsa isa) {
  if (isa == KernelIsa::kPortable || pools_halves(graph, layer)) return 0;
  return round_up(2 * graph.in_shape(layer).w * column_step(graph, layer), 4);
}
/// Maxima of the columns of a line and of its padding; they are read by words.
Bytes max_pool_scratch(const Graph& graph, const Layer& layer, KernelIsa isa) {
  if (isa == KernelIsa::kPortable || pools_halves(graph, layer)) return 0;
  const Bytes step = column_step(graph, layer);
  const Bytes windows = (graph.out_shape(layer).w - 1) * Bytes{layer.stride_w} * step + step;
  const Bytes line = (layer.pad_left + Bytes{graph.in_shape(layer).w}) * step;
  return round_up(std::max(round_up(windows, 4) + (layer.kernel_w - 1) * step, line), 4);
}

/// A multiplier and a shift for each number of values that a window may hold.
Bytes average_pool_constants(const Graph&, const Layer& layer, KernelIsa) {
  const Bytes values = Bytes{layer.kernel_h} * layer.kernel_w;
  return kWindowPoolStruct + 4 * values + round_up(values, 4);
}
LayerWork window_pool_work(const Graph& graph, const Layer& layer, KernelIsa isa) {
  const int in_w = graph.in_shape(layer).w, words = in_w < 4 ? in_w : (in_w + 3) / 4;
  const Windows rows = across_rows(graph, layer), columns = across_columns(graph, layer);
  const double planes = graph.in_shape(layer).c;
  LayerWork work;
  work[Term::kRow] = rows.outputs;
  if (isa == KernelIsa::kPortable) {  // window by window
    work[Term::kOutput] = planes * rows.outputs * columns.outputs;
    work[Term::kSpan] = planes * rows.inside * columns.outputs;
    work[Term::kInput] = planes * rows.inside * columns.inside;
    return work;
  }
  // Windows of 2x2 side by side; other rows first down the columns, then along the line
  // (tinynas_pool_window_dsp.h).
  const bool side_by_side = layer.kernel_h == 2 && layer.kernel_w == 2 && layer.stride_w == 2 &&
                            layer.pad_left == 0 && layer.inputs[0] != graph.input &&
                            2 * columns.outputs <= in_w;
  const double halves = side_by_side ? planes * rows.whole : 0, lines = planes * rows.outputs - halves;
  work[Term::kBlockInput] = halves;
  work[Term::kBlockOutput] = halves * (columns.outputs / 4);
  work[Term::kOdd] = halves * (columns.outputs % 4);
  work[Term::kLine] = lines;
  work[Term::kInput] = (planes * rows.inside - 2 * halves) * words;
  work[Term::kBlock] = lines * words;
  if (layer.op == ir::OpKind::kMaxPool) {
    const int places = (columns.outputs - 1) * layer.stride_w + 1, fours = (places + 3) / 4;
    work[Term::kSpan] = lines * fours;
    work[Term::kMac] = lines * fours * layer.kernel_w;
    work[Term::kEdge] =
        lines * (layer.pad_left + std::max(0, places + layer.kernel_w - 1 - layer.pad_left - in_w));
    work[Term::kTail] = lines * (places % 4);
    if (layer.stride_w > 1) work[Term::kOutput] = lines * columns.outputs;  // picked from the line
  } else {
    work[Term::kOutput] = lines * columns.outputs;
    work[Term::kMac] = lines * columns.inside;
    work[Term::kEdge] = lines * (columns.outputs - columns.whole);
  }
  return work;
}

}  // namespace

std::span<const Kernel> pool_window_kernels() {
  static constexpr std::array kRows = {
      measured({.name = "tn_average_pool",
                .file = "tinynas_pool_window.c",
                .op = ir::OpKind::kAveragePool,
                .step = Step::kWindow,
                .matches = always,
                .scratch_bytes = average_pool_scratch,
                .constant_bytes = average_pool_constants,
                .work = window_pool_work}),
      measured({.name = "tn_max_pool",
                .file = "tinynas_pool_window.c",
                .op = ir::OpKind::kMaxPool,
                .step = Step::kWindow,
                .matches = always,
                .scratch_bytes = max_pool_scratch,
                .constant_bytes = struct_alone<kWindowPoolStruct>,
                .work = window_pool_work}),
  };
  return kRows;
}

}  // namespace tinynas::cost
