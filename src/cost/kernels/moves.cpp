#include "cost/kernels/family.h"
#include "cost/kernels/values.h"

namespace tinynas::cost {
namespace {

constexpr Bytes kGatherStruct = 12, kSliceStruct = 16, kReshapeStruct = 12;

Bytes gather_constants(const Graph& graph, const Layer& layer, KernelIsa) {
  return kGatherStruct + (2 * Bytes{graph.out_shape(layer).c} + 3) / 4 * 4;
}

LayerWork move_work(const Graph& graph, const Layer& layer, KernelIsa) { return values_work(graph, layer); }

}  // namespace

std::span<const Kernel> move_kernels() {
  static constexpr std::array kRows = {
      measured({.name = "tn_gather",
                .file = "tinynas_moves.c",
                .op = ir::OpKind::kGather,
                .step = Step::kRow,
                .matches = reads_planar,
                .constant_bytes = gather_constants,
                .work = move_work}),
      measured({.name = "tn_slice",
                .file = "tinynas_moves.c",
                .op = ir::OpKind::kSlice,
                .step = Step::kRow,
                .matches = reads_planar,
                .constant_bytes = struct_alone<kSliceStruct>,
                .work = move_work}),
      measured({.name = "tn_reshape",
                .file = "tinynas_moves.c",
                .op = ir::OpKind::kReshape,
                .step = Step::kGroup,
                .matches = reads_planar,
                .constant_bytes = struct_alone<kReshapeStruct>,
                .work = move_work}),
  };
  return kRows;
}

}  // namespace tinynas::cost
