#include "cost/kernels/layer_work.h"
#include "cost/kernels/windows.h"

namespace tinynas::cost {

namespace {

using ir::Graph;
using ir::Layer;

constexpr int kLanes = 16;  // inputs in a vector
constexpr int kGroup = 8;   // outputs that depthwise layers make at once
constexpr int kFar = 17;    // planes this wide and wider are gathered eight at a time, not sixteen

int vectors(int values) { return (values + kLanes - 1) / kLanes; }

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

}  // namespace

LayerWork conv1x1_x16_work(const Graph& graph, const Layer& layer, KernelIsa) {
  const ir::Shape& in = graph.in_shape(layer);
  LayerWork work;
  const VectorBlocks blocks = add_vector_pairs(graph, layer, in.c, work);
  const double turns = in.w > kFar ? (in.c + kLanes / 2 - 1) / (kLanes / 2) : vectors(in.c);
  work[Term::kBlockInput] = in.h * blocks.fours * turns;
  work[Term::kInput] = in.h * blocks.outputs * turns;
  return work;
}

LayerWork conv_x16_work(const Graph& graph, const Layer& layer, KernelIsa) {
  const ir::Shape& in = graph.in_shape(layer);
  const ir::Shape& out = graph.out_shape(layer);
  const bool interleaved = layer.inputs[0] == graph.input && in.c > 1 && in.w > 1;
  const int chunk = layer.kernel_w * (interleaved ? in.c : 1), planes = interleaved ? 1 : in.c;
  LayerWork work;
  add_vector_pairs(graph, layer, layer.kernel_h * layer.kernel_w * in.c, work);
  const Windows rows = windows_of(in.h, out.h, layer.kernel_h, layer.stride_h, layer.pad_top);
  const Windows columns = windows_of(in.w, out.w, layer.kernel_w, layer.stride_w, layer.pad_left);
  // Windows of single chunks of up to a vector inside the image have a loop of their own.
  const double inside = planes == 1 && chunk <= kLanes ? double{1} * rows.whole * columns.whole : 0;
  work[Term::kBlockInput] = inside * layer.kernel_h;
  work[Term::kEdge] = (double{1} * rows.inside * out.w - inside * layer.kernel_h) * planes * vectors(chunk);
  work[Term::kInput] = double{1} * out.h * out.w * vectors(layer.kernel_h * layer.kernel_w * in.c);
  return work;
}

LayerWork dense_x16_work(const Graph& graph, const Layer& layer, KernelIsa) {
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

LayerWork depthwise_tiles_work(const Graph& graph, const Layer& layer, KernelIsa) {
  const ir::Shape& in = graph.in_shape(layer);
  const ir::Shape& out = graph.out_shape(layer);
  const double lines = double{1} * out.h * in.c;
  const Windows rows = windows_of(in.h, out.h, layer.kernel_h, layer.stride_h, layer.pad_top);
  LayerWork work;
  work[Term::kRow] = out.h;
  work[Term::kLine] = lines;
  work[Term::kBlockInput] = lines * vectors(in.w);
  work[Term::kBlock] = lines * ((out.w + kGroup - 1) / kGroup);
  work[Term::kOutput] = lines * out.w;
  work[Term::kEdge] = (out.h - rows.whole) * vectors(in.w);  // a line of zero points
  return work;
}

}  // namespace tinynas::cost
