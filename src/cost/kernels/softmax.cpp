#include "cost/kernels/family.h"
#include "cost/kernels/shapes.h"

namespace tinynas::cost {
namespace {

constexpr Bytes kSoftmaxStruct = 8;
constexpr Bytes kLogSoftmaxStruct = 20;

Bytes softmax_constants(const Graph&, const Layer&, KernelIsa) { return kSoftmaxStruct + 4 * 256; }

Bytes log_softmax_constants(const Graph&, const Layer&, KernelIsa) { return kLogSoftmaxStruct + 4 * 256; }

LayerWork softmax_work(const Graph& graph, const Layer& layer, KernelIsa) {
  const ir::Shape& out = graph.out_shape(layer);
  LayerWork work;
  work[Term::kRow] = out.h;
  work[Term::kSpan] = double{1} * out.h * out.w;
  work[Term::kOutput] = static_cast<double>(out.elements());
  return work;
}

}  // namespace

std::span<const Kernel> softmax_kernels() {
  static constexpr std::array kRows = {
      measured({.name = "tn_softmax",
                .file = "tinynas_softmax.c",
                .op = ir::OpKind::kSoftmax,
                .step = Step::kRow,
                .matches = reads_planar,
                .constant_bytes = softmax_constants,
                .work = softmax_work}),
      measured({.name = "tn_log_softmax",
                .file = "tinynas_softmax.c",
                .op = ir::OpKind::kLogSoftmax,
                .step = Step::kRow,
                .matches = reads_planar,
                .constant_bytes = log_softmax_constants,
                .work = softmax_work}),
  };
  return kRows;
}

}  // namespace tinynas::cost
