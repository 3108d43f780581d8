#include "cost/kernels/family.h"
#include "cost/kernels/values.h"

namespace tinynas::cost {
namespace {

constexpr Bytes kLookupStruct = 8;

Bytes lookup_constants(const Graph&, const Layer&, KernelIsa) { return kLookupStruct + 256; }

LayerWork lookup_work(const Graph& graph, const Layer& layer, KernelIsa isa) {
  LayerWork work = values_work(graph, layer);
  if (isa == KernelIsa::kPortable) return work;
  const int word = isa == KernelIsa::kMve ? 16 : 4;
  add_words({graph.in_shape(layer).row_bytes(), work[Term::kRow], word}, work);
  return work;
}

}  // namespace

std::span<const Kernel> lookup_kernels() {
  static constexpr std::array kRows = {
      measured({.name = "tn_lookup",
                .file = "tinynas_lookup.c",
                .op = ir::OpKind::kFunction,
                .step = Step::kRow,
                .matches = reads_planar,
                .constant_bytes = lookup_constants,
                .work = lookup_work}),
  };
  return kRows;
}

}  // namespace tinynas::cost
