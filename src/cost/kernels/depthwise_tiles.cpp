#include "cost/kernels/family.h"
#include "cost/kernels/shapes.h"

namespace tinynas::cost {
namespace {

constexpr Bytes kTilesStruct = 28;  // tn_depthwise_layer
constexpr int kGroup = 8;           // outputs that are made at once

/// A line of the columns of four kernel rows, one of the others, one of zero points
/// (tinynas_depthwise_mve.h).
Bytes depthwise_tiles_scratch(const Graph& graph, const Layer& layer, KernelIsa) {
  const Bytes loaded = round_up(graph.in_shape(layer).w, 16), columns = layer.pad_left + loaded;
  const Bytes line = 4 * columns + 32, fifth_row = round_up(columns + 16, 4);
  return line + (layer.kernel_w == 3 ? 0 : layer.kernel_w == 5 ? fifth_row : line) + loaded;
}

/// Kernel rows in fours, of 5x5 a fifth padded to whole words, and what a vector reads beyond the last.
Bytes depthwise_tiles_constants(const Graph& graph, const Layer& layer, KernelIsa) {
  const Bytes stream = layer.kernel_w == 3 ? 12 : layer.kernel_w == 5 ? 28 : 56;
  return kTilesStruct + graph.in_shape(layer).c * (stream + 8) + 4;
}

/// Columns go in vectors (tinynas_depthwise_mve.h).
LayerWork depthwise_tiles_work(const Graph& graph, const Layer& layer, KernelIsa) {
  const ir::Shape& in = graph.in_shape(layer);
  const ir::Shape& out = graph.out_shape(layer);
  const double lines = double{1} * out.h * in.c;
  const Windows rows = across_rows(graph, layer);
  LayerWork work;
  work[Term::kRow] = out.h;
  work[Term::kLine] = lines;
  work[Term::kBlockInput] = lines * vectors(in.w);
  work[Term::kBlock] = lines * ((out.w + kGroup - 1) / kGroup);
  work[Term::kOutput] = lines * out.w;
  work[Term::kEdge] = (out.h - rows.whole) * vectors(in.w);  // a line of zero points
  return work;
}

template <int kernel>
consteval Kernel tiles(std::string_view name) {
  return measured({.name = name,
                   .file = "tinynas_depthwise_tiles.c",
                   .op = ir::OpKind::kDepthwiseConv2d,
                   .step = Step::kWindow,
                   .matches = is_square<kernel>,
                   .scratch_bytes = depthwise_tiles_scratch,
                   .constant_bytes = depthwise_tiles_constants,
                   .work = depthwise_tiles_work,
                   .shared = shares({"tn_depthwise_by_tiles"}),
                   .least_isa = KernelIsa::kMve});
}

}  // namespace

std::span<const Kernel> depthwise_tiles_kernels() {
  static constexpr std::array kRows = {
      tiles<3>("tn_depthwise_tiles_3x3"),
      tiles<5>("tn_depthwise_tiles_5x5"),
      tiles<7>("tn_depthwise_tiles_7x7"),
  };
  return kRows;
}

}  // namespace tinynas::cost
