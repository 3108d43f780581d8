#include "cost/kernels/family.h"
#include "cost/kernels/values.h"

namespace tinynas::cost {
namespace {

constexpr Bytes kResizeStruct = 8;

LayerWork resize_work(const Graph& graph, const Layer& layer, KernelIsa isa) {
  LayerWork work = values_work(graph, layer);
  if (isa != KernelIsa::kPortable) add_words({graph.in_shape(layer).row_bytes(), work[Term::kRow]}, work);
  return work;
}

}  // namespace

std::span<const Kernel> resize_kernels() {
  static constexpr std::array kRows = {
      measured({.name = "tn_resize_nearest",
                .file = "tinynas_resize.c",
                .op = ir::OpKind::kResizeNearest,
                .step = Step::kRow,
                .matches = reads_planar,
                .constant_bytes = struct_alone<kResizeStruct>,
                .work = resize_work}),
  };
  return kRows;
}

}  // namespace tinynas::cost
