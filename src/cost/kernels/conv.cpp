#include <cstdlib>

#include "cost/kernels/family.h"
#include "cost/kernels/shapes.h"

namespace tinynas::cost {
namespace {

constexpr Bytes kConv1x1Struct = 16, kConvStruct = 28;

/// Do pairs of output channels a and b fit the pair kernels? A half, a + 256 b, is an int16. And b's sum is
/// found as (sum of halves - sum of a) >> 8, exact below 2^23 = 128 * 2^16 (tn_recover_b).
bool fits_pairs(std::span<const std::int8_t> a, std::span<const std::int8_t> b) {
  std::int64_t sum = 0;
  for (std::size_t k = 0; k < b.size(); ++k) {
    if (b[k] == -128 && a[k] < 0) return false;
    sum += std::abs(int{b[k]});
  }
  return sum < 1 << 16;
}

/// A graph without weights is taken to have such ones as tinynas makes.
bool pairs_weights(const Graph& graph, const Layer& layer) {
  if (!graph.quant) return true;
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    if (graph.layers[i].output != layer.output) continue;
    const std::span<const std::int8_t> weights = graph.quant->layers[i].weight;
    const auto outputs = static_cast<std::size_t>(graph.out_shape(layer).c),
               inputs = weights.size() / outputs;
    for (std::size_t o = 0; o + 1 < outputs; o += 2)
      if (!fits_pairs(weights.subspan(o * inputs, inputs), weights.subspan((o + 1) * inputs, inputs)))
        return false;
    return true;
  }
  return true;
}
bool is_paired_conv1x1(const Graph& graph, const Layer& layer) {
  return is_conv1x1(graph, layer) && pairs_weights(graph, layer);
}
bool is_paired_planar(const Graph& graph, const Layer& layer) {
  return reads_planar(graph, layer) && pairs_weights(graph, layer);
}

/// Convolutions gather the inputs of a few neighbouring outputs (tn_block_pixels): two as int8, or three as
/// int16 where SMLAD reads them.
Bytes gathered_bytes(Bytes inputs, int out_w, KernelIsa isa) {
  if (isa == KernelIsa::kPortable) return round_up(inputs, 4) * std::min(out_w, 2);
  return round_up(inputs, 4) * 2 * (out_w == 4 ? 2 : std::min(out_w, 3));
}
Bytes conv1x1_scratch(const Graph& graph, const Layer& layer, KernelIsa isa) {
  return gathered_bytes(window_inputs(graph, layer), graph.out_shape(layer).w, isa);
}
/// Besides, one kernel row that lies partly outside the image.
Bytes conv_scratch(const Graph& graph, const Layer& layer, KernelIsa isa) {
  return round_up(layer.kernel_w, 4) + conv1x1_scratch(graph, layer, isa);
}
Bytes conv_input_scratch(const Graph& graph, const Layer& layer, KernelIsa isa) {
  return round_up(Bytes{layer.kernel_w} * graph.in_shape(layer).c, 4) + conv1x1_scratch(graph, layer, isa);
}
Bytes dense_scratch(const Graph& graph, const Layer& layer, KernelIsa isa) {
  return gathered_bytes(graph.in_shape(layer).elements(), 1, isa);
}

/// Pairs of channels: two biases, two multipliers, and K halves of two weights, K rounded up to four.
Bytes pair_stream(Bytes inputs, Bytes outputs) {
  return round_up(outputs, 2) / 2 * (16 + 2 * round_up(inputs, 4));
}
Bytes conv1x1_constants(const Graph& graph, const Layer& layer, KernelIsa) {
  return kConv1x1Struct + pair_stream(window_inputs(graph, layer), graph.out_shape(layer).c);
}
Bytes conv_constants(const Graph& graph, const Layer& layer, KernelIsa) {
  return kConvStruct + pair_stream(window_inputs(graph, layer), graph.out_shape(layer).c);
}
Bytes dense_constants(const Graph& graph, const Layer& layer, KernelIsa) {
  return kConv1x1Struct + pair_stream(graph.in_shape(layer).elements(), graph.out_shape(layer).c);
}

UnrolledInstructions gather_instructions(const UnrolledNumbers& numbers) {
  const int kernel_h = numbers[0], bytes = numbers[1];
  return {.once = 2 + kernel_h * (2 + bytes / 4 * 5 + bytes % 4 * 2)};
}
constexpr UnrolledForm kGatherUnrolled = {
    .name = "gather", .numbers = 2, .instructions = gather_instructions, .has_cycle_row = false};

/// For rows with enough outputs for blocks of three. Its numbers: kernel's height, bytes of one of its rows.
std::optional<UnrolledCode> gather_code(const Graph& graph, const Layer& layer, KernelIsa isa) {
  constexpr int kMostBytes = 512;
  const int bytes = layer.kernel_w * graph.in_shape(layer).c;
  if (isa != KernelIsa::kDsp || graph.out_shape(layer).w < 3 || layer.kernel_h * bytes > kMostBytes)
    return std::nullopt;
  return UnrolledCode{&kGatherUnrolled, {layer.kernel_h, bytes}};
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

/// Windows of a first layer that unrolled code gathers: in blocks of three, and within the image.
int unrolled_windows(const Graph& graph, const Layer& layer, KernelIsa isa) {
  const ir::Shape& in = graph.in_shape(layer);
  const RowBlocks blocks = row_blocks(graph.out_shape(layer).w, isa);
  const int width = graph.out_shape(layer).w;
  const int in_threes = blocks.last == 3 ? width : width % 3 == 1 ? width - 4 : width - 2;
  const Windows columns = windows_of(in.w, in_threes, layer.kernel_w, layer.stride_w, layer.pad_left);
  return across_rows(graph, layer).whole * columns.whole;
}

/// All input channels of a few neighbouring outputs are gathered, then all pairs of output channels made.
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

/// Unrolled code gathers some of the windows.
LayerWork conv_input_work(const Graph& graph, const Layer& layer, KernelIsa isa) {
  const int chunk = layer.kernel_w * graph.in_shape(layer).c;
  LayerWork work;
  add_pairs(graph, layer, isa, layer.kernel_h * chunk, work);
  const auto code = gather_code(graph, layer, isa);
  const int windows = code ? unrolled_windows(graph, layer, isa) : 0;
  add_gathering(graph, layer, chunk, 1, {windows, code ? code->instructions().once : 0}, work);
  return work;
}

/// Four output channels at a time, what is left in pairs.
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

}  // namespace

std::span<const Kernel> conv_kernels() {
  static constexpr std::array kRows = {
      measured({.name = "tn_conv1x1",
                .file = "tinynas_conv.c",
                .op = ir::OpKind::kConv2d,
                .step = Step::kUnit,
                .matches = is_paired_conv1x1,
                .scratch_bytes = conv1x1_scratch,
                .constant_bytes = conv1x1_constants,
                .work = conv1x1_work,
                .shared = shares({"tn_pair_block"})}),
      measured({.name = "tn_conv",
                .file = "tinynas_conv.c",
                .op = ir::OpKind::kConv2d,
                .step = Step::kWindow,
                .matches = is_paired_planar,
                .scratch_bytes = conv_scratch,
                .constant_bytes = conv_constants,
                .work = conv_work,
                .shared = shares({"tn_pair_block", "tn_conv_body"})}),
      measured({.name = "tn_conv_input",
                .file = "tinynas_conv.c",
                .op = ir::OpKind::kConv2d,
                .step = Step::kWindow,
                .matches = pairs_weights,
                .scratch_bytes = conv_input_scratch,
                .constant_bytes = conv_constants,
                .work = conv_input_work,
                .unrolled = gather_code,
                .shared = shares({"tn_pair_block", "tn_conv_body"})}),
      measured({.name = "tn_dense",
                .file = "tinynas_conv.c",
                .op = ir::OpKind::kDense,
                .step = Step::kRow,
                .matches = is_paired_planar,
                .scratch_bytes = dense_scratch,
                .constant_bytes = dense_constants,
                .work = dense_work,
                .shared = shares({"tn_pair_block"})}),
  };
  return kRows;
}

}  // namespace tinynas::cost
