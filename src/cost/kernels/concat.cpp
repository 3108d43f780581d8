#include "cost/kernels/family.h"
#include "cost/kernels/values.h"

namespace tinynas::cost {
namespace {

constexpr Bytes kConcatStruct = 24;

LayerWork concat_work(const Graph& graph, const Layer& layer, KernelIsa isa) {
  LayerWork work = values_work(graph, layer);
  if (isa == KernelIsa::kPortable) return work;
  for (const int input : {0, 1}) {
    const ir::Shape& in = graph.in_shape(layer, input);
    add_words({in.row_bytes(), static_cast<double>(in.h)}, work);
  }
  return work;
}

}  // namespace

std::span<const Kernel> concat_kernels() {
  static constexpr std::array kRows = {
      measured({.name = "tn_concat",
                .file = "tinynas_concat.c",
                .op = ir::OpKind::kConcat,
                .step = Step::kTwoRows,
                .matches = reads_two_planar,
                .constant_bytes = struct_alone<kConcatStruct>,
                .work = concat_work,
                .shared = shares({"tn_concat_part"})}),
      measured({.name = "tn_concat_rows",
                .file = "tinynas_concat.c",
                .op = ir::OpKind::kConcatRows,
                .step = Step::kEitherRow,
                .matches = reads_two_planar,
                .constant_bytes = struct_alone<kConcatStruct>,
                .work = concat_work,
                .shared = shares({"tn_concat_part"})}),
  };
  return kRows;
}

}  // namespace tinynas::cost
