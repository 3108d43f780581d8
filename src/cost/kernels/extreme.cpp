#include "cost/kernels/family.h"
#include "cost/kernels/values.h"

namespace tinynas::cost {
namespace {

constexpr Bytes kExtremeStruct = 20;

LayerWork extreme_work(const Graph& graph, const Layer& layer, KernelIsa) {
  return values_work(graph, layer);
}

}  // namespace

std::span<const Kernel> extreme_kernels() {
  static constexpr std::array kRows = {
      measured({.name = "tn_minimum",
                .file = "tinynas_extreme.c",
                .op = ir::OpKind::kMinimum,
                .step = Step::kTwoRows,
                .matches = reads_two_planar,
                .constant_bytes = struct_alone<kExtremeStruct>,
                .work = extreme_work}),
      measured({.name = "tn_maximum",
                .file = "tinynas_extreme.c",
                .op = ir::OpKind::kMaximum,
                .step = Step::kTwoRows,
                .matches = reads_two_planar,
                .constant_bytes = struct_alone<kExtremeStruct>,
                .work = extreme_work}),
  };
  return kRows;
}

}  // namespace tinynas::cost
