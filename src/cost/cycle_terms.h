#pragma once

#include "tinynas/cost/cycles.h"
#include "tinynas/cost/rows.h"

namespace tinynas::cost {

/// LayerWork, the MACs being known.
inline LayerWork work_with(Macs macs, const ir::Graph& graph, const ir::Layer& layer) {
  const ir::Shape& in = graph.in_shape(layer);
  const ir::Shape& out = graph.out_shape(layer);
  if (layer.op == ir::OpKind::kGlobalAveragePool)
    return {
        .rows = in.h, .outputs = out.elements(), .inputs = in.elements(), .lines = std::int64_t{in.h} * in.c};
  const RowWindow rows = row_window(layer);
  const std::int64_t rows_read = std::int64_t{out.h} * rows.kernel;
  const bool gathers = layer.op == ir::OpKind::kConv2d || layer.op == ir::OpKind::kDense;
  return {.rows = out.h,
          .outputs = out.elements(),
          .macs = macs,
          .inputs = rows_read * in.row_bytes(),
          .lines = rows_read * in.c,
          .out_w = out.w,
          .window = gathers ? layer.kernel_h * layer.kernel_w * in.c : 0};
}

/// cycles_of(), inline for the search.
inline Cycles linear_cycles(const CycleTerms& terms, const LayerWork& work) {
  const auto rows = static_cast<double>(work.rows), outputs = static_cast<double>(work.outputs),
             macs = static_cast<double>(work.macs);
  const Cycles exact = terms.row * rows + terms.output * outputs + terms.mac * macs +
                       terms.input * static_cast<double>(work.inputs) +
                       terms.line * static_cast<double>(work.lines);
  if (work.out_w == 0) return exact;
  const double row_blocks = (work.out_w + terms.width - 1) / terms.width;
  const double longer = row_blocks / work.out_w;
  return exact + (terms.block + terms.block_input * work.window) * row_blocks * rows +
         (terms.block_output * outputs + terms.block_mac * macs) * longer;
}

}  // namespace tinynas::cost
