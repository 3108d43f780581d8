#include "cost/kernels/layer_work.h"

#include <algorithm>
#include <utility>

#include "cost/kernels/windows.h"
#include "tinynas/cost/unrolled.h"

namespace tinynas::cost {

namespace {

using ir::Graph;
using ir::Layer;

double round_up(int value, int multiple) { return (value + multiple - 1) / multiple * multiple; }

Windows across_rows(const Graph& graph, const Layer& layer) {
  return windows_of(graph.in_shape(layer).h, graph.out_shape(layer).h, layer.kernel_h, layer.stride_h,
                    layer.pad_top);
}
Windows across_columns(const Graph& graph, const Layer& layer) {
  return windows_of(graph.in_shape(layer).w, graph.out_shape(layer).w, layer.kernel_w, layer.stride_w,
                    layer.pad_left);
}

/// How a row is cut into blocks of neighbouring outputs (tn_block_pixels).
struct RowBlocks {
  int count = 0;
  int last = 0;  ///< outputs of the last one
};
RowBlocks row_blocks(int width, KernelIsa isa) {
  if (isa == KernelIsa::kPortable) return {(width + 1) / 2, width % 2 == 0 ? 2 : 1};
  if (width < 4) return {1, width};
  return {(width + 2) / 3, width % 3 == 0 ? 3 : 2};  // a row that would leave one over ends with two and two
}

/// What a block does once its windows of `inputs` values are gathered.
void add_pairs(const Graph& graph, const Layer& layer, KernelIsa isa, int inputs, LayerWork& work) {
  const ir::Shape& out = graph.out_shape(layer);
  const double rows = out.h, blocks = rows * row_blocks(out.w, isa).count, pairs = (out.c + 1) / 2,
               fours = round_up(inputs, 4) / 4;
  work[Term::kRow] = rows;
  work[Term::kBlock] = blocks;
  work[Term::kBlockOutput] = blocks * pairs;
  work[Term::kBlockMac] = blocks * pairs * fours;
  work[Term::kOutput] = rows * out.w * pairs;
  work[Term::kMac] = rows * out.w * pairs * fours;
  if (out.c % 2 == 1 && out.c > 1) work[Term::kOdd] = blocks;
}

/// Windows whose rows are chunks of `chunk` neighbouring bytes in each of `planes` planes. `unrolled` windows
/// take `instructions` each.
void add_gathering(const Graph& graph, const Layer& layer, int chunk, int planes,
                   std::pair<int, int> unrolled, LayerWork& work) {
  const Windows rows = across_rows(graph, layer), columns = across_columns(graph, layer);
  const auto [windows, instructions] = unrolled;
  const double gathered = double{1} * rows.outputs * columns.outputs - windows;
  work[Term::kSpan] = gathered * layer.kernel_h * planes;
  work[Term::kInput] = work[Term::kSpan] * chunk;
  work[Term::kEdge] = (double{1} * rows.outputs * layer.kernel_h * columns.outputs -
                       double{1} * rows.inside * columns.whole) *
                      planes * chunk;
  work[Term::kCode] = double{1} * windows * instructions;
}

/// Those of a first layer: in blocks of three, and within the image.
int unrolled_windows(const Graph& graph, const Layer& layer, KernelIsa isa) {
  const ir::Shape& in = graph.in_shape(layer);
  const RowBlocks blocks = row_blocks(graph.out_shape(layer).w, isa);
  const int width = graph.out_shape(layer).w;
  const int in_threes = blocks.last == 3 ? width : width % 3 == 1 ? width - 4 : width - 2;
  const Windows columns = windows_of(in.w, in_threes, layer.kernel_w, layer.stride_w, layer.pad_left);
  return across_rows(graph, layer).whole * columns.whole;
}

}  // namespace

LayerWork conv1x1_work(const Graph& graph, const Layer& layer, KernelIsa isa) {
  const ir::Shape& in = graph.in_shape(layer);
  const ir::Shape& out = graph.out_shape(layer);
  LayerWork work;
  add_pairs(graph, layer, isa, in.c, work);
  const RowBlocks blocks = row_blocks(out.w, isa);
  work[Term::kInput] = double{1} * out.h * out.w * in.c;
  work[Term::kBlockInput] = double{1} * out.h * blocks.count * in.c;
  double single = out.w * (round_up(in.c, 4) - in.c);  // zeros behind the channels
  if (isa != KernelIsa::kPortable)  // planes go in pairs, but the very last one of a row, read in words,
                                    // would be overrun
    single += out.w == 1 ? in.c : in.c % 2 == 1 ? out.w : 2 * blocks.last;
  work[Term::kTail] = out.h * single;
  return work;
}

LayerWork conv_work(const Graph& graph, const Layer& layer, KernelIsa isa) {
  const int planes = graph.in_shape(layer).c;
  LayerWork work;
  add_pairs(graph, layer, isa, layer.kernel_h * layer.kernel_w * planes, work);
  add_gathering(graph, layer, layer.kernel_w, planes, {}, work);
  return work;
}

LayerWork conv_input_work(const Graph& graph, const Layer& layer, KernelIsa isa) {
  const int chunk = layer.kernel_w * graph.in_shape(layer).c;
  LayerWork work;
  add_pairs(graph, layer, isa, layer.kernel_h * chunk, work);
  const auto code = unrolled_code(graph, layer, isa);
  const int windows = code ? unrolled_windows(graph, layer, isa) : 0;
  add_gathering(graph, layer, chunk, 1, {windows, code ? unrolled_instructions(*code).once : 0}, work);
  return work;
}

LayerWork dense_work(const Graph& graph, const Layer& layer, KernelIsa) {
  const int inputs = static_cast<int>(graph.in_shape(layer).elements()), outputs = graph.out_shape(layer).c;
  const int quads = outputs / 4, left = outputs % 4;
  const double fours = round_up(inputs, 4) / 4;
  LayerWork work;
  work[Term::kRow] = 1;
  work[Term::kInput] = inputs;
  work[Term::kBlock] = quads;
  work[Term::kBlockMac] = quads * fours;
  work[Term::kOutput] = (left + 1) / 2;
  work[Term::kMac] = (left + 1) / 2 * fours;
  work[Term::kLine] = (quads > 0) + left / 2 + left % 2;
  work[Term::kOdd] = left > 0;
  return work;
}

LayerWork depthwise_work(const Graph& graph, const Layer& layer, KernelIsa isa) {
  const ir::Shape& in = graph.in_shape(layer);
  const Windows rows = across_rows(graph, layer), columns = across_columns(graph, layer);
  const double lines = double{1} * rows.outputs * in.c;
  LayerWork work;
  work[Term::kRow] = rows.outputs;
  work[Term::kLine] = lines;
  work[Term::kOutput] = lines * columns.outputs;
  if (const auto code = unrolled_code(graph, layer, isa)) {
    const UnrolledInstructions instructions = unrolled_instructions(*code);
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

LayerWork global_pool_work(const Graph& graph, const Layer& layer, KernelIsa isa) {
  const ir::Shape& in = graph.in_shape(layer);
  LayerWork work;
  work[Term::kImage] = 1;
  work[Term::kRow] = in.h;
  work[Term::kLine] = double{1} * in.h * in.c;
  work[Term::kInput] = static_cast<double>(in.elements());
  work[Term::kOutput] = in.c;
  // Not by fours: means of one or two values, whose scale needs a shift, and channels left over.
  if (isa != KernelIsa::kPortable) work[Term::kTail] = in.h * in.w <= 2 ? in.c : in.c % 4;
  if (const auto code = unrolled_code(graph, layer, isa))
    work[Term::kCode] =
        double{1} * in.h * in.c / 4 * unrolled_instructions(*code).once;  // four planes at a time
  return work;
}

LayerWork window_pool_work(const Graph& graph, const Layer& layer, KernelIsa isa) {
  const int in_w = graph.in_shape(layer).w, words = in_w < 4 ? in_w : (in_w + 3) / 4;
  const Windows rows = across_rows(graph, layer), columns = across_columns(graph, layer);
  const double planes = graph.in_shape(layer).c;
  LayerWork work;
  work[Term::kRow] = rows.outputs;
  if (isa == KernelIsa::kPortable) {  // window by window
    work[Term::kOutput] = planes * rows.outputs * columns.outputs;
    work[Term::kSpan] = planes * rows.inside * columns.outputs;
    work[Term::kInput] = planes * rows.inside * columns.inside;
    return work;
  }
  // Windows of 2x2 side by side; other rows first down the columns, then along the line
  // (tinynas_pool_window_dsp.h).
  const bool side_by_side = layer.kernel_h == 2 && layer.kernel_w == 2 && layer.stride_w == 2 &&
                            layer.pad_left == 0 && layer.inputs[0] != graph.input &&
                            2 * columns.outputs <= in_w;
  const double halves = side_by_side ? planes * rows.whole : 0, lines = planes * rows.outputs - halves;
  work[Term::kBlockInput] = halves;
  work[Term::kBlockOutput] = halves * (columns.outputs / 4);
  work[Term::kOdd] = halves * (columns.outputs % 4);
  work[Term::kLine] = lines;
  work[Term::kInput] = (planes * rows.inside - 2 * halves) * words;
  work[Term::kBlock] = lines * words;
  if (layer.op == ir::OpKind::kMaxPool) {
    const int places = (columns.outputs - 1) * layer.stride_w + 1, fours = (places + 3) / 4;
    work[Term::kSpan] = lines * fours;
    work[Term::kMac] = lines * fours * layer.kernel_w;
    work[Term::kEdge] =
        lines * (layer.pad_left + std::max(0, places + layer.kernel_w - 1 - layer.pad_left - in_w));
    work[Term::kTail] = lines * (places % 4);
    if (layer.stride_w > 1) work[Term::kOutput] = lines * columns.outputs;  // picked from the line
  } else {
    work[Term::kOutput] = lines * columns.outputs;
    work[Term::kMac] = lines * columns.inside;
    work[Term::kEdge] = lines * (columns.outputs - columns.whole);
  }
  return work;
}

LayerWork values_work(const Graph& graph, const Layer& layer, KernelIsa isa) {
  const ir::Shape& out = graph.out_shape(layer);
  LayerWork work;
  work[Term::kRow] = out.h;
  work[Term::kLine] = double{1} * out.h * out.c;
  work[Term::kOutput] = static_cast<double>(out.elements());
  if (isa == KernelIsa::kPortable) return work;
  const int word = layer.op == ir::OpKind::kAdd && isa == KernelIsa::kMve ? 8 : 4;
  const auto add_words = [&](int values, double times) {  // four or eight at a time, then one by one
    work[Term::kBlock] += times * (values / word);
    work[Term::kTail] += times * (values % word);
  };
  const auto row_of = [&](int input) { return static_cast<int>(graph.in_shape(layer, input).row_bytes()); };
  switch (layer.op) {
    case ir::OpKind::kConcat:
      add_words(row_of(0), out.h);
      add_words(row_of(1), out.h);
      break;
    case ir::OpKind::kMul:
      add_words(out.w, double{1} * out.h * out.c);
      if (out.w >= 4) work[Term::kSpan] = work[Term::kLine];  // lines with words
      break;
    default:
      add_words(row_of(0), out.h);
  }
  return work;
}

LayerWork softmax_work(const Graph& graph, const Layer& layer, KernelIsa) {
  const ir::Shape& out = graph.out_shape(layer);
  LayerWork work;
  work[Term::kRow] = out.h;
  work[Term::kSpan] = double{1} * out.h * out.w;
  work[Term::kOutput] = static_cast<double>(out.elements());
  return work;
}

}  // namespace tinynas::cost
