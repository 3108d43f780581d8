#pragma once

#include <algorithm>
#include <array>

#include "tinynas/cost/cycles.h"
#include "tinynas/cost/rows.h"

namespace tinynas::cost {

/// The row that stands in for one that a file leaves out: strided and unrolled code cost as the plain one
/// does.
inline std::size_t stand_in(const CycleTable& table, std::size_t row) {
  const std::size_t form = row % kCycleRows, plain = row - form;
  if (form < 3) return plain;
  return table[plain + 2] == table[plain] ? plain + 1 : plain + 2;
}

/// Pairs of an output and a tap of its window, along one direction, whose input lies within the image.
inline int taps_inside(int in, int out, int kernel, int stride, int pad) {
  int taps = out * kernel;
  for (int outside = pad, i = 0; outside > 0 && i < out; outside -= stride, ++i)
    taps -= std::min(outside, kernel);
  int outside = (out - 1) * stride - pad + kernel - in;
  for (int i = 0; outside > 0 && i < out; outside -= stride, ++i) taps -= std::min(outside, kernel);
  return taps;
}

/// LayerWork, the MACs being known.
inline LayerWork work_with(Macs macs, const ir::Graph& graph, const ir::Layer& layer) {
  const ir::Shape& in = graph.in_shape(layer);
  const ir::Shape& out = graph.out_shape(layer);
  if (layer.op == ir::OpKind::kGlobalAveragePool)
    return {
        .rows = in.h, .outputs = out.elements(), .inputs = in.elements(), .lines = std::int64_t{in.h} * in.c};
  const RowWindow rows = row_window(layer);
  const std::int64_t rows_read =
      rows.kernel == 1 ? out.h : taps_inside(in.h, out.h, rows.kernel, rows.stride, rows.pad);
  const bool gathers = layer.op == ir::OpKind::kConv2d || layer.op == ir::OpKind::kDense;
  LayerWork work = {.rows = out.h,
                    .outputs = out.elements(),
                    .macs = macs,
                    .inputs = rows_read * in.row_bytes(),
                    .lines = rows_read * in.c,
                    .out_w = layer.op == ir::OpKind::kDense ? out.c : out.w,
                    .window = gathers ? layer.kernel_h * layer.kernel_w * in.c : 0};
  if (layer.op == ir::OpKind::kDepthwiseConv2d)
    work.inside = rows_read * in.c * taps_inside(in.w, out.w, layer.kernel_w, layer.stride_w, layer.pad_left);
  return work;
}

/// 1 / n for n below 257: the search would spend much of its time on divisions.
inline constexpr auto kReciprocals = [] {
  std::array<double, 257> table{};
  for (std::size_t i = 1; i < table.size(); ++i) table[i] = 1.0 / static_cast<double>(i);
  return table;
}();
inline double reciprocal(int n) {
  return static_cast<std::size_t>(n) < kReciprocals.size() ? kReciprocals[static_cast<std::size_t>(n)]
                                                           : 1.0 / n;
}

/// cycles_of(), inline for the search.
inline Cycles linear_cycles(const CycleTerms& terms, const LayerWork& work) {
  const auto rows = static_cast<double>(work.rows), outputs = static_cast<double>(work.outputs);
  auto macs = static_cast<double>(work.macs);
  if (terms.depth > 1 && work.window > 0)  // a power of two
    macs = outputs * ((work.window + terms.depth - 1) & -terms.depth);
  const Cycles exact = terms.row * rows + terms.output * outputs + terms.mac * macs +
                       terms.input * static_cast<double>(work.inputs) +
                       terms.line * static_cast<double>(work.lines) +
                       terms.inside * static_cast<double>(work.inside);
  if (work.out_w == 0) return exact;
  const auto whole =
      static_cast<int>((work.out_w + 0.5) * reciprocal(terms.width));  // 0.5: against rounding down
  const int rest = work.out_w - whole * terms.width;
  const double row_blocks = whole + (rest == 0 ? 0 : 2 * rest <= terms.width ? terms.half : 1);
  const double longer = row_blocks * reciprocal(work.out_w);
  return exact + (terms.block + terms.block_input * work.window) * row_blocks * rows +
         (terms.block_output * outputs + terms.block_mac * macs) * longer;
}

}  // namespace tinynas::cost
