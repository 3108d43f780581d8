#pragma once

#include "tinynas/cost/cycles.h"
#include "tinynas/cost/rows.h"

namespace tinynas::cost {

/// LayerWork, the MACs being known.
inline LayerWork work_with(Macs macs, const ir::Graph& graph, const ir::Layer& layer) {
  const ir::Shape& in = graph.in_shape(layer);
  const ir::Shape& out = graph.out_shape(layer);
  if (layer.op == ir::OpKind::kGlobalAveragePool)
    return {.rows = in.h, .outputs = out.elements(), .inputs = in.elements()};
  const std::int64_t rows_read = std::int64_t{out.h} * row_window(layer).kernel;
  return {.rows = out.h, .outputs = out.elements(), .macs = macs, .inputs = rows_read * in.row_bytes()};
}

inline Cycles cycles_of(const CycleTerms& terms, const LayerWork& work) {
  return terms.row * static_cast<double>(work.rows) + terms.output * static_cast<double>(work.outputs) +
         terms.mac * static_cast<double>(work.macs) + terms.input * static_cast<double>(work.inputs);
}

}  // namespace tinynas::cost
