#include "cost/kernels/depthwise_unrolled.h"
#include "cost/kernels/family.h"
#include "cost/kernels/shapes.h"

namespace tinynas::cost {
namespace {

constexpr Bytes kDepthwiseStruct = 28, kDepthwiseSquareStruct = 24;

template <int kernel>
bool is_packed_square(const Graph& graph, const Layer& layer) {
  return is_square<kernel>(graph, layer) && packs_biases(graph, layer);
}

/// The weights of one channel, where they run tap by tap; unrolled 3x3 kernels need a row of zero points
/// above and below the image.
Bytes depthwise_square_scratch(const Graph& graph, const Layer& layer, KernelIsa isa) {
  const Bytes weights = round_up(Bytes{layer.kernel_h} * layer.kernel_w, 4);
  const bool zero_row = layer.kernel_w == 3 && depthwise_code(graph, layer, isa);
  return std::max(weights, zero_row ? round_up(graph.in_shape(layer).w, 4) : 0);
}

Bytes depthwise_constants(const Graph& graph, const Layer& layer, KernelIsa) {
  const Bytes c = graph.in_shape(layer).c;
  return kDepthwiseStruct + round_up(c * layer.kernel_h * layer.kernel_w, 4) + 8 * c;
}
Bytes depthwise_square_constants(const Graph& graph, const Layer& layer, KernelIsa) {
  const bool borders = layer.kernel_w == 3 && graph.in_shape(layer).w >= kWideRow;
  const Bytes stream = 4 + round_up(Bytes{layer.kernel_h} * layer.kernel_w, 4) + (borders ? 12 : 0);
  return kDepthwiseSquareStruct + graph.in_shape(layer).c * stream;
}

/// Tap by tap (tinynas_depthwise_taps.h), or unrolled (tinynas_depthwise_unrolled.h).
LayerWork depthwise_work(const Graph& graph, const Layer& layer, KernelIsa isa) {
  const ir::Shape& in = graph.in_shape(layer);
  const Windows rows = across_rows(graph, layer), columns = across_columns(graph, layer);
  const double lines = double{1} * rows.outputs * in.c;
  LayerWork work;
  work[Term::kRow] = rows.outputs;
  work[Term::kLine] = lines;
  work[Term::kOutput] = lines * columns.outputs;
  if (const auto code = depthwise_code(graph, layer, isa)) {
    const UnrolledInstructions instructions = code->instructions();
    work[Term::kCode] = lines * instructions.once + double{1} * rows.inside * in.c * instructions.per_row;
    if (layer.kernel_w == 3)
      work[Term::kEdge] = (double{3} * rows.outputs - rows.inside) * in.w;  // a row of zero points
  } else {
    work[Term::kSpan] = double{1} * rows.inside * in.c * columns.outputs;
    work[Term::kMac] = double{1} * rows.inside * in.c * columns.inside;
    // What taps outside add is worked out once for a line and once for each output at its ends.
    work[Term::kEdge] = lines * (columns.outputs - columns.whole + 1) * layer.kernel_h * layer.kernel_w;
  }
  return work;
}

template <int kernel>
consteval Kernel square(std::string_view name) {
  return measured({.name = name,
                   .file = "tinynas_depthwise_square.c",
                   .op = ir::OpKind::kDepthwiseConv2d,
                   .step = Step::kWindow,
                   .matches = is_packed_square<kernel>,
                   .scratch_bytes = depthwise_square_scratch,
                   .constant_bytes = depthwise_square_constants,
                   .work = depthwise_work,
                   .unrolled = depthwise_code,
                   .shared = shares({"tn_depthwise_square"})});
}

}  // namespace

std::span<const Kernel> depthwise_kernels() {
  static constexpr std::array kRows = {
      square<3>("tn_depthwise_3x3"),
      square<5>("tn_depthwise_5x5"),
      square<7>("tn_depthwise_7x7"),
      measured({.name = "tn_depthwise",
                .file = "tinynas_depthwise.c",
                .op = ir::OpKind::kDepthwiseConv2d,
                .step = Step::kWindow,
                .matches = reads_planar,
                .constant_bytes = depthwise_constants,
                .work = depthwise_work}),
  };
  return kRows;
}

}  // namespace tinynas::cost
