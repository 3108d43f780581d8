#include <array>

#include "cost/kernels/families.h"
#include "cost/kernels/measured_code.h"
#include "cost/kernels/values.h"

namespace tinynas::cost {
namespace {

constexpr Bytes kResizeStruct = 8;

Bytes resize_constants(const Graph&, const Layer&, KernelIsa) { return kResizeStruct; }

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
                .constant_bytes = resize_constants,
                .work = resize_work}),
  };
  return kRows;
}

}  // namespace tinynas::cost
