#include "cost/kernels/family.h"
#include "cost/kernels/values.h"

namespace tinynas::cost {
namespace {

constexpr Bytes kGatherStruct = 12, kSliceStruct = 16, kReshapeStruct = 12;

Bytes gather_constants(const Graph& graph, const Layer& layer, KernelIsa) {
  return kGatherStruct + (2 * Bytes{graph.out_shape(layer).c} + 3) / 4 * 4;
}

/// Lines that are copied whole go by words.
LayerWork line_work(const Graph& graph, const Layer& layer, bool whole) {
  LayerWork work = values_work(graph, layer);
  if (!whole) return work;
  work[Term::kOutput] = 0;
  add_words({.values = graph.out_shape(layer).w, .times = work[Term::kLine]}, work);
  return work;
}
LayerWork gather_work(const Graph& graph, const Layer& layer, KernelIsa) {
  return line_work(graph, layer, true);
}
LayerWork slice_work(const Graph& graph, const Layer& layer, KernelIsa) {
  return line_work(graph, layer, layer.stride_w == 1);
}
LayerWork reshape_work(const Graph& graph, const Layer& layer, KernelIsa) {
  return values_work(graph, layer);
}

}  // namespace

std::span<const Kernel> move_kernels() {
  static constexpr std::array kRows = {
      measured({.name = "tn_gather",
                .file = "tinynas_moves.c",
                .op = ir::OpKind::kGather,
                .step = Step::kRow,
                .matches = reads_planar,
                .constant_bytes = gather_constants,
                .work = gather_work}),
      measured({.name = "tn_slice",
                .file = "tinynas_moves.c",
                .op = ir::OpKind::kSlice,
                .step = Step::kRow,
                .matches = reads_planar,
                .constant_bytes = struct_alone<kSliceStruct>,
                .work = slice_work}),
      measured({.name = "tn_reshape",
                .file = "tinynas_moves.c",
                .op = ir::OpKind::kReshape,
                .step = Step::kGroup,
                .matches = reads_planar,
                .constant_bytes = struct_alone<kReshapeStruct>,
                .work = reshape_work}),
  };
  return kRows;
}

}  // namespace tinynas::cost
