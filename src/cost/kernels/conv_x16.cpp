#include "cost/kernels/family.h"
#include "cost/kernels/shapes.h"

namespace tinynas::cost {
namespace {

constexpr Bytes kConv1x1X16Struct = 20, kConvX16Struct = 28;
constexpr int kFar = 17;  // planes this wide and wider are gathered eight at a time, not sixteen

/// Up to four outputs at a time, vectors of 16 inputs (tinynas_conv_mve.h). Portable C needs none.
Bytes conv1x1_x16_scratch(const Graph& graph, const Layer& layer, KernelIsa isa) {
  if (isa != KernelIsa::kMve) return 0;
  return std::min(graph.out_shape(layer).w, 4) * round_up(window_inputs(graph, layer), 16);
}
/// Besides, one window and the vector that its last chunk or the zeros behind it may fill.
Bytes conv_x16_scratch(const Graph& graph, const Layer& layer, KernelIsa isa) {
  if (isa != KernelIsa::kMve) return 0;
  return conv1x1_x16_scratch(graph, layer, isa) + round_up(window_inputs(graph, layer), 16) + 16;
}

/// Rows of weights, none shorter than a vector, and what a vector may read beyond the last; two words an
/// output.
Bytes rows_x16(Bytes inputs, Bytes outputs) {
  return round_up(outputs * std::max<Bytes>(inputs, 16) + 15, 4) + 8 * outputs;
}
Bytes conv1x1_x16_constants(const Graph& graph, const Layer& layer, KernelIsa) {
  return kConv1x1X16Struct + rows_x16(graph.in_shape(layer).c, graph.out_shape(layer).c);
}
Bytes dense_x16_constants(const Graph& graph, const Layer& layer, KernelIsa) {
  return kConv1x1X16Struct + rows_x16(graph.in_shape(layer).elements(), graph.out_shape(layer).c);
}
Bytes conv_x16_constants(const Graph& graph, const Layer& layer, KernelIsa) {
  return kConvX16Struct + rows_x16(window_inputs(graph, layer), graph.out_shape(layer).c);
}

/// In portable C, for lesser cores. Nobody has fitted its cycles: they are taken from the row of its namesake
/// (tn_conv for tn_conv_x16), one of whose steps, eight multiply-accumulates, takes about as long as a single
/// one here.
LayerWork plain_work(const Graph& graph, const Layer& layer, double steps) {
  const ir::Shape& out = graph.out_shape(layer);
  LayerWork work;
  work[Term::kRow] = out.h;
  work[Term::kOutput] = static_cast<double>(out.elements());
  work[Term::kMac] = steps * static_cast<double>(ir::layer_macs(graph, layer));
  return work;
}
constexpr double kPlainSteps = 1, kPlainWindowSteps = 2;  // windows ask for each value whether it is there

/// How a row is cut into blocks (tn_vector_pixels): fours, then what is left, but three and two for five.
struct VectorBlocks {
  int fours = 0, others = 0;
  int outputs = 0;  ///< of the others
};
VectorBlocks vector_blocks(int width) {
  const int left = width % 4;
  if (left == 1 && width > 1) return {width / 4 - 1, 2, 5};
  return {width / 4, left > 0, left};
}

/// Pairs of channels of every block, from `inputs` gathered values an output.
VectorBlocks add_vector_pairs(const Graph& graph, const Layer& layer, int inputs, LayerWork& work) {
  const ir::Shape& out = graph.out_shape(layer);
  const VectorBlocks blocks = vector_blocks(out.w);
  const double rows = out.h, pairs = (out.c + 1) / 2, depth = vectors(inputs);
  work[Term::kRow] = rows;
  work[Term::kBlock] = rows * (blocks.fours + blocks.others);
  if (depth > 1) {
    work[Term::kBlockOutput] = rows * blocks.fours * pairs;
    work[Term::kBlockMac] = rows * blocks.fours * pairs * depth;
  } else {
    work[Term::kLine] = rows * blocks.fours * pairs;  // the inputs stay in registers
  }
  work[Term::kSpan] = rows * blocks.others * pairs;
  work[Term::kTail] = rows * blocks.others * pairs * depth;
  work[Term::kOutput] = rows * blocks.outputs * pairs;
  work[Term::kMac] = rows * blocks.outputs * pairs * depth;
  if (out.c % 2 == 1) work[Term::kOdd] = rows * (blocks.fours + blocks.others);
  return blocks;
}

/// Inputs go in vectors of sixteen (tinynas_conv_mve.h).
LayerWork conv1x1_x16_work(const Graph& graph, const Layer& layer, KernelIsa isa) {
  if (isa != KernelIsa::kMve) return plain_work(graph, layer, kPlainSteps);
  const ir::Shape& in = graph.in_shape(layer);
  LayerWork work;
  const VectorBlocks blocks = add_vector_pairs(graph, layer, in.c, work);
  const double turns = in.w > kFar ? (in.c + kLanes / 2 - 1) / (kLanes / 2) : vectors(in.c);
  work[Term::kBlockInput] = in.h * blocks.fours * turns;
  work[Term::kInput] = in.h * blocks.outputs * turns;
  return work;
}

LayerWork conv_x16_work(const Graph& graph, const Layer& layer, KernelIsa isa) {
  if (isa != KernelIsa::kMve) return plain_work(graph, layer, kPlainWindowSteps);
  const ir::Shape& in = graph.in_shape(layer);
  const ir::Shape& out = graph.out_shape(layer);
  const bool interleaved = layer.inputs[0] == graph.input && in.c > 1 && in.w > 1;
  const int chunk = layer.kernel_w * (interleaved ? in.c : 1), planes = interleaved ? 1 : in.c;
  LayerWork work;
  add_vector_pairs(graph, layer, layer.kernel_h * layer.kernel_w * in.c, work);
  const Windows rows = across_rows(graph, layer), columns = across_columns(graph, layer);
  // Windows of single chunks of up to a vector inside the image have a loop of their own.
  const double inside = planes == 1 && chunk <= kLanes ? double{1} * rows.whole * columns.whole : 0;
  work[Term::kBlockInput] = inside * layer.kernel_h;
  work[Term::kEdge] = (double{1} * rows.inside * out.w - inside * layer.kernel_h) * planes * vectors(chunk);
  work[Term::kInput] = double{1} * out.h * out.w * vectors(layer.kernel_h * layer.kernel_w * in.c);
  return work;
}

LayerWork dense_x16_work(const Graph& graph, const Layer& layer, KernelIsa isa) {
  if (isa != KernelIsa::kMve) return plain_work(graph, layer, kPlainSteps);
  const int inputs = static_cast<int>(graph.in_shape(layer).elements()), outputs = graph.out_shape(layer).c;
  const int quads = inputs < kLanes ? 0 : outputs / 4, left = outputs - 4 * quads;
  LayerWork work;
  work[Term::kRow] = 1;
  work[Term::kBlock] = quads;
  work[Term::kBlockMac] = quads * vectors(inputs);
  work[Term::kOutput] = left;
  work[Term::kMac] = double{1} * left * inputs;
  return work;
}

}  // namespace

std::span<const Kernel> conv_x16_kernels() {
  static constexpr std::array kRows = {
      measured({.name = "tn_conv1x1_x16",
                .file = "tinynas_conv_x16.c",
                .op = ir::OpKind::kConv2d,
                .step = Step::kUnit,
                .matches = is_conv1x1,
                .scratch_bytes = conv1x1_x16_scratch,
                .constant_bytes = conv1x1_x16_constants,
                .work = conv1x1_x16_work,
                .shared = shares({"tn_vector_pairs"}),
                .least_isa = KernelIsa::kMve}),
      measured({.name = "tn_conv_x16",
                .file = "tinynas_conv_x16.c",
                .op = ir::OpKind::kConv2d,
                .step = Step::kWindow,
                .matches = reads_planar,
                .scratch_bytes = conv_x16_scratch,
                .constant_bytes = conv_x16_constants,
                .work = conv_x16_work,
                .shared = shares({"tn_vector_pairs", "tn_conv_x16_body"}),
                .least_isa = KernelIsa::kMve}),
      measured({.name = "tn_conv_input_x16",
                .file = "tinynas_conv_x16.c",
                .op = ir::OpKind::kConv2d,
                .step = Step::kWindow,
                .matches = always,
                .scratch_bytes = conv_x16_scratch,
                .constant_bytes = conv_x16_constants,
                .work = conv_x16_work,
                .shared = shares({"tn_vector_pairs", "tn_conv_x16_body"}),
                .least_isa = KernelIsa::kMve}),
      measured({.name = "tn_dense_x16",
                .file = "tinynas_conv_x16.c",
                .op = ir::OpKind::kDense,
                .step = Step::kRow,
                .matches = reads_planar,
                .constant_bytes = dense_x16_constants,
                .work = dense_x16_work,
                .least_isa = KernelIsa::kMve}),
  };
  return kRows;
}

}  // namespace tinynas::cost
