#include "cost/kernels/family.h"
#include "cost/kernels/values.h"

namespace tinynas::cost {
namespace {

constexpr Bytes kMulStruct = 16;

bool is_mul_of_rows(const Graph& graph, const Layer& layer) {
  return graph.in_shape(layer, 0) == graph.in_shape(layer, 1) && reads_two_planar(graph, layer);
}
LayerWork mul_work(const Graph& graph, const Layer& layer, KernelIsa isa) {
  LayerWork work = values_work(graph, layer);
  if (isa == KernelIsa::kPortable) return work;
  const int width = graph.out_shape(layer).w;
  add_words({width, work[Term::kLine]}, work);
  if (width >= 4) work[Term::kSpan] = work[Term::kLine];  // lines with words
  return work;
}

}  // namespace

std::span<const Kernel> mul_kernels() {
  static constexpr std::array kRows = {
      measured({.name = "tn_mul",
                .file = "tinynas_mul.c",
                .op = ir::OpKind::kMul,
                .step = Step::kTwoRows,
                .matches = is_mul_of_rows,
                .constant_bytes = struct_alone<kMulStruct>,
                .work = mul_work}),
      measured({.name = "tn_mul_channels",
                .file = "tinynas_mul.c",
                .op = ir::OpKind::kMul,
                .step = Step::kTwoRows,
                .matches = reads_planar,
                .constant_bytes = struct_alone<kMulStruct>,
                .work = mul_work}),
  };
  return kRows;
}

}  // namespace tinynas::cost
