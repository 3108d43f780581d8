#include "tinynas/cost/kernels.h"

#include <algorithm>
#include <bitset>

#include <fmt/format.h>

#include "cost/kernels/kernel_code.h"
#include "cost/kernels/layer_work.h"
#include "tinynas/core/error.h"
#include "tinynas/cost/emitted_code.h"
#include "tinynas/cost/unrolled.h"
#include "tinynas/ir/ops.h"

namespace tinynas::cost {
namespace {

using ir::Graph;
using ir::Layer;
using ir::OpKind;

constexpr Bytes round_up(Bytes value, Bytes multiple) { return (value + multiple - 1) / multiple * multiple; }

// ---- Which kernel computes what -------------------------------------------------------------------------

/// Only the network's input is interleaved, and with one channel or one column that is planar too.
bool is_planar(const Graph& graph, const Layer& layer, int input) {
  const ir::Shape& in = graph.in_shape(layer, input);
  return layer.inputs[static_cast<std::size_t>(input)] != graph.input || in.c == 1 || in.w == 1;
}
bool reads_planar(const Graph& graph, const Layer& layer) { return is_planar(graph, layer, 0); }
bool reads_two_planar(const Graph& graph, const Layer& layer) {
  return is_planar(graph, layer, 0) && is_planar(graph, layer, 1);
}
bool always(const Graph&, const Layer&) { return true; }

bool is_mul_of_rows(const Graph& graph, const Layer& layer) {
  return graph.in_shape(layer, 0) == graph.in_shape(layer, 1) && reads_two_planar(graph, layer);
}
bool is_conv1x1(const Graph& graph, const Layer& layer) {
  const bool unit = layer.kernel_h == 1 && layer.kernel_w == 1 && layer.stride_w == 1;
  const bool padded = layer.pad_top + layer.pad_left + layer.pad_bottom + layer.pad_right > 0;
  return unit && !padded && reads_planar(graph, layer);
}
template <int kernel>
bool is_square(const Graph& graph, const Layer& layer) {
  return layer.kernel_h == kernel && layer.kernel_w == kernel && layer.stride_w <= 2 &&
         reads_planar(graph, layer);
}
template <int kernel>
bool is_packed_square(const Graph& graph, const Layer& layer) {
  return is_square<kernel>(graph, layer) && packs_biases(graph, layer);
}

// ---- Scratch ----------------------------------------------------------------------------------------------

/// Convolutions gather the inputs of a few neighbouring outputs (tn_block_pixels): two as int8, or three as
/// int16 where SMLAD reads them.
Bytes gathered_bytes(Bytes inputs, int out_w, KernelIsa isa) {
  if (isa == KernelIsa::kPortable) return round_up(inputs, 4) * std::min(out_w, 2);
  return round_up(inputs, 4) * 2 * (out_w == 4 ? 2 : std::min(out_w, 3));
}
Bytes conv_inputs(const Graph& graph, const Layer& layer) {
  return Bytes{layer.kernel_h} * layer.kernel_w * graph.in_shape(layer).c;
}
Bytes conv1x1_scratch(const Graph& graph, const Layer& layer, KernelIsa isa) {
  return gathered_bytes(conv_inputs(graph, layer), graph.out_shape(layer).w, isa);
}
/// Besides, one kernel row that lies partly outside the image.
Bytes conv_scratch(const Graph& graph, const Layer& layer, KernelIsa isa) {
  return round_up(layer.kernel_w, 4) + conv1x1_scratch(graph, layer, isa);
}
Bytes conv_input_scratch(const Graph& graph, const Layer& layer, KernelIsa isa) {
  return round_up(Bytes{layer.kernel_w} * graph.in_shape(layer).c, 4) + conv1x1_scratch(graph, layer, isa);
}
/// The weights of one channel, where they run tap by tap; unrolled 3x3 kernels need a row of zero points
/// above and below the image.
Bytes depthwise_square_scratch(const Graph& graph, const Layer& layer, KernelIsa isa) {
  const Bytes weights = round_up(Bytes{layer.kernel_h} * layer.kernel_w, 4);
  const bool zero_row = layer.kernel_w == 3 && unrolled_code(graph, layer, isa);
  return std::max(weights, zero_row ? round_up(graph.in_shape(layer).w, 4) : 0);
}
/// Up to four outputs at a time, vectors of 16 inputs (tinynas_conv_mve.h).
Bytes conv1x1_x16_scratch(const Graph& graph, const Layer& layer, KernelIsa) {
  return std::min(graph.out_shape(layer).w, 4) * round_up(conv_inputs(graph, layer), 16);
}
/// Besides, one window and the vector that its last chunk or the zeros behind it may fill.
Bytes conv_x16_scratch(const Graph& graph, const Layer& layer, KernelIsa isa) {
  return conv1x1_x16_scratch(graph, layer, isa) + round_up(conv_inputs(graph, layer), 16) + 16;
}
/// A line of the columns of four kernel rows, one of the others, one of zero points
/// (tinynas_depthwise_mve.h).
Bytes depthwise_tiles_scratch(const Graph& graph, const Layer& layer, KernelIsa) {
  const Bytes loaded = round_up(graph.in_shape(layer).w, 16), columns = layer.pad_left + loaded;
  const Bytes line = 4 * columns + 32, fifth_row = round_up(columns + 16, 4);
  return line + (layer.kernel_w == 3 ? 0 : layer.kernel_w == 5 ? fifth_row : line) + loaded;
}
Bytes pool_scratch(const Graph& graph, const Layer& layer, KernelIsa) {
  return Bytes{4} * graph.in_shape(layer).c;
}
Bytes dense_scratch(const Graph& graph, const Layer& layer, KernelIsa isa) {
  return gathered_bytes(graph.in_shape(layer).elements(), 1, isa);
}
/// Bytes from a column of a line to the next where windows are pooled: a line is a plane, or an interleaved
/// row.
Bytes column_step(const Graph& graph, const Layer& layer) {
  return layer.inputs[0] == graph.input ? graph.in_shape(layer).c : 1;
}
/// Windows of 2x2 side by side inside the image need no line.
bool pools_halves(const Graph& graph, const Layer& layer) {
  const bool halves = layer.kernel_h == 2 && layer.kernel_w == 2 && layer.stride_w == 2;
  return halves && layer.pad_top + layer.pad_bottom + layer.pad_left + layer.pad_right == 0 &&
         column_step(graph, layer) == 1;
}
/// Sums of the columns of a line, int16, where there are instructions for four at a time.
Bytes average_pool_scratch(const Graph& graph, const Layer& layer, KernelIsa isa) {
  if (isa == KernelIsa::kPortable || pools_halves(graph, layer)) return 0;
  return round_up(2 * graph.in_shape(layer).w * column_step(graph, layer), 4);
}
/// Maxima of the columns of a line and of its padding; they are read by words.
Bytes max_pool_scratch(const Graph& graph, const Layer& layer, KernelIsa isa) {
  if (isa == KernelIsa::kPortable || pools_halves(graph, layer)) return 0;
  const Bytes step = column_step(graph, layer);
  const Bytes windows = (graph.out_shape(layer).w - 1) * Bytes{layer.stride_w} * step + step;
  const Bytes line = (layer.pad_left + Bytes{graph.in_shape(layer).w}) * step;
  return round_up(std::max(round_up(windows, 4) + (layer.kernel_w - 1) * step, line), 4);
}
Bytes no_scratch(const Graph&, const Layer&, KernelIsa) { return 0; }

// ---- Constant data: the layer structs of tinynas_kernels.h (32-bit pointers) and their arrays -------------

constexpr Bytes kConv1x1Struct = 16, kConvStruct = 28, kDepthwiseStruct = 28, kDepthwiseSquareStruct = 24,
                kAddStruct = 20, kPoolStruct = 20, kWindowPoolStruct = 28, kMulStruct = 16,
                kConcatStruct = 24, kResizeStruct = 8, kSoftmaxStruct = 8, kConv1x1X16Struct = 20,
                kConvX16Struct = 28;

/// Pairs of channels: two biases, two multipliers, and K halves of two weights, K rounded up to four.
Bytes pair_stream(Bytes inputs, Bytes outputs) {
  return round_up(outputs, 2) / 2 * (16 + 2 * round_up(inputs, 4));
}
Bytes conv1x1_constants(const Graph& graph, const Layer& layer, KernelIsa) {
  return kConv1x1Struct + pair_stream(conv_inputs(graph, layer), graph.out_shape(layer).c);
}
Bytes conv_constants(const Graph& graph, const Layer& layer, KernelIsa) {
  return kConvStruct + pair_stream(conv_inputs(graph, layer), graph.out_shape(layer).c);
}
Bytes depthwise_constants(const Graph& graph, const Layer& layer, KernelIsa) {
  const Bytes c = graph.in_shape(layer).c;
  return kDepthwiseStruct + round_up(c * layer.kernel_h * layer.kernel_w, 4) + 8 * c;
}
/// Kernel rows in fours, of 5x5 a fifth padded to whole words, and what a vector reads beyond the last.
Bytes depthwise_tiles_constants(const Graph& graph, const Layer& layer, KernelIsa) {
  const Bytes stream = layer.kernel_w == 3 ? 12 : layer.kernel_w == 5 ? 28 : 56;
  return kDepthwiseStruct + graph.in_shape(layer).c * (stream + 8) + 4;
}
Bytes depthwise_square_constants(const Graph& graph, const Layer& layer, KernelIsa) {
  const bool borders = layer.kernel_w == 3 && graph.in_shape(layer).w >= kWideRow;
  const Bytes stream = 4 + round_up(Bytes{layer.kernel_h} * layer.kernel_w, 4) + (borders ? 12 : 0);
  return kDepthwiseSquareStruct + graph.in_shape(layer).c * stream;
}
Bytes add_constants(const Graph&, const Layer&, KernelIsa) { return kAddStruct; }
Bytes pool_constants(const Graph&, const Layer&, KernelIsa) { return kPoolStruct; }
Bytes dense_constants(const Graph& graph, const Layer& layer, KernelIsa) {
  return kConv1x1Struct + pair_stream(graph.in_shape(layer).elements(), graph.out_shape(layer).c);
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
  return kConvX16Struct + rows_x16(conv_inputs(graph, layer), graph.out_shape(layer).c);
}
/// A multiplier and a shift for each number of values that a window may hold.
Bytes average_pool_constants(const Graph&, const Layer& layer, KernelIsa) {
  const Bytes values = Bytes{layer.kernel_h} * layer.kernel_w;
  return kWindowPoolStruct + 4 * values + round_up(values, 4);
}
Bytes max_pool_constants(const Graph&, const Layer&, KernelIsa) { return kWindowPoolStruct; }
Bytes mul_constants(const Graph&, const Layer&, KernelIsa) { return kMulStruct; }
Bytes concat_constants(const Graph&, const Layer&, KernelIsa) { return kConcatStruct; }
Bytes resize_constants(const Graph&, const Layer&, KernelIsa) { return kResizeStruct; }
Bytes softmax_constants(const Graph&, const Layer&, KernelIsa) { return kSoftmaxStruct + 4 * 256; }

// ---- The register -----------------------------------------------------------------------------------------

/// Code bytes from the measured table; a kernel that is not in it does not compile.
consteval CodeBytes code_of(std::string_view name) {
  for (const KernelCode& row : kKernelCode)
    if (row.name == name) return row.bytes;
  throw "run benchmarks/mcu/code_bytes.py --write";
}

constexpr std::array kSharedCode = {
    SharedCode{"tn_pair_block", code_of("tn_pair_block")},
    SharedCode{"tn_conv_body", code_of("tn_conv_body")},
    SharedCode{"tn_depthwise_square", code_of("tn_depthwise_square")},
    SharedCode{"tn_depthwise_by_tiles", code_of("tn_depthwise_by_tiles")},
    SharedCode{"tn_vector_pairs", code_of("tn_vector_pairs")},
    SharedCode{"tn_conv_x16_body", code_of("tn_conv_x16_body")},
};
constexpr std::uint32_t kPairBlock = 1, kConvBody = 2, kSquareBody = 4, kTilesBody = 8, kVectorPairs = 16,
                        kConvX16Body = 32;

/// A kernel's name and where it is; what it computes; its bytes and its work; the step that calls it.
struct Named {
  std::string_view name, file;
};
struct Sized {
  decltype(Kernel::scratch_bytes) scratch;
  decltype(Kernel::constant_bytes) constants;
  decltype(Kernel::work) work;
};
consteval Kernel row(Named named, OpKind op, decltype(Kernel::matches) matches, Sized sized, int step_bytes,
                     std::uint32_t shared = 0, KernelIsa least_isa = KernelIsa::kPortable) {
  return {.name = named.name,
          .file = named.file,
          .op = op,
          .matches = matches,
          .scratch_bytes = sized.scratch,
          .constant_bytes = sized.constants,
          .work = sized.work,
          .code_bytes = code_of(named.name),
          .call_bytes = step_bytes,
          .shared = shared,
          .least_isa = least_isa};
}

constexpr Sized kSquare = {depthwise_square_scratch, depthwise_square_constants, depthwise_work},
                kTiles = {depthwise_tiles_scratch, depthwise_tiles_constants, depthwise_tiles_work};
constexpr std::string_view kConvFile = "tinynas_conv.c", kSquareFile = "tinynas_depthwise_square.c",
                           kWindowPoolFile = "tinynas_pool_window.c", kConvX16File = "tinynas_conv_x16.c",
                           kTilesFile = "tinynas_depthwise_tiles.c";

constexpr std::array kKernels = {
    row({"tn_conv1x1_x16", kConvX16File}, OpKind::kConv2d, is_conv1x1,
        {conv1x1_x16_scratch, conv1x1_x16_constants, conv1x1_x16_work}, kRowStepBytes, kVectorPairs,
        KernelIsa::kMve),
    row({"tn_conv_x16", kConvX16File}, OpKind::kConv2d, reads_planar,
        {conv_x16_scratch, conv_x16_constants, conv_x16_work}, kWindowStepBytes, kVectorPairs | kConvX16Body,
        KernelIsa::kMve),
    row({"tn_conv_input_x16", kConvX16File}, OpKind::kConv2d, always,
        {conv_x16_scratch, conv_x16_constants, conv_x16_work}, kWindowStepBytes, kVectorPairs | kConvX16Body,
        KernelIsa::kMve),
    row({"tn_dense_x16", kConvX16File}, OpKind::kDense, reads_planar,
        {no_scratch, dense_x16_constants, dense_x16_work}, kRowStepBytes, 0, KernelIsa::kMve),
    row({"tn_depthwise_tiles_3x3", kTilesFile}, OpKind::kDepthwiseConv2d, is_square<3>, kTiles,
        kWindowStepBytes, kTilesBody, KernelIsa::kMve),
    row({"tn_depthwise_tiles_5x5", kTilesFile}, OpKind::kDepthwiseConv2d, is_square<5>, kTiles,
        kWindowStepBytes, kTilesBody, KernelIsa::kMve),
    row({"tn_depthwise_tiles_7x7", kTilesFile}, OpKind::kDepthwiseConv2d, is_square<7>, kTiles,
        kWindowStepBytes, kTilesBody, KernelIsa::kMve),
    row({"tn_conv1x1", kConvFile}, OpKind::kConv2d, is_conv1x1,
        {conv1x1_scratch, conv1x1_constants, conv1x1_work}, kRowStepBytes, kPairBlock),
    row({"tn_conv", kConvFile}, OpKind::kConv2d, reads_planar, {conv_scratch, conv_constants, conv_work},
        kWindowStepBytes, kPairBlock | kConvBody),
    row({"tn_conv_input", kConvFile}, OpKind::kConv2d, always,
        {conv_input_scratch, conv_constants, conv_input_work}, kWindowStepBytes, kPairBlock | kConvBody),
    row({"tn_depthwise_3x3", kSquareFile}, OpKind::kDepthwiseConv2d, is_packed_square<3>, kSquare,
        kWindowStepBytes, kSquareBody),
    row({"tn_depthwise_5x5", kSquareFile}, OpKind::kDepthwiseConv2d, is_packed_square<5>, kSquare,
        kWindowStepBytes, kSquareBody),
    row({"tn_depthwise_7x7", kSquareFile}, OpKind::kDepthwiseConv2d, is_packed_square<7>, kSquare,
        kWindowStepBytes, kSquareBody),
    row({"tn_depthwise", "tinynas_depthwise.c"}, OpKind::kDepthwiseConv2d, reads_planar,
        {no_scratch, depthwise_constants, depthwise_work}, kWindowStepBytes),
    row({"tn_add", "tinynas_add.c"}, OpKind::kAdd, reads_two_planar, {no_scratch, add_constants, values_work},
        kTwoRowsStepBytes),
    row({"tn_global_pool", "tinynas_pool.c"}, OpKind::kGlobalAveragePool, reads_planar,
        {pool_scratch, pool_constants, global_pool_work}, kPoolStepBytes),
    row({"tn_dense", kConvFile}, OpKind::kDense, reads_planar, {dense_scratch, dense_constants, dense_work},
        kRowStepBytes, kPairBlock),
    row({"tn_average_pool", kWindowPoolFile}, OpKind::kAveragePool, always,
        {average_pool_scratch, average_pool_constants, window_pool_work}, kWindowStepBytes),
    row({"tn_max_pool", kWindowPoolFile}, OpKind::kMaxPool, always,
        {max_pool_scratch, max_pool_constants, window_pool_work}, kWindowStepBytes),
    row({"tn_mul", "tinynas_mul.c"}, OpKind::kMul, is_mul_of_rows, {no_scratch, mul_constants, values_work},
        kTwoRowsStepBytes),
    row({"tn_mul_channels", "tinynas_mul.c"}, OpKind::kMul, reads_planar,
        {no_scratch, mul_constants, values_work}, kTwoRowsStepBytes),
    row({"tn_concat", "tinynas_concat.c"}, OpKind::kConcat, reads_two_planar,
        {no_scratch, concat_constants, values_work}, kTwoRowsStepBytes),
    row({"tn_resize_nearest", "tinynas_resize.c"}, OpKind::kResizeNearest, reads_planar,
        {no_scratch, resize_constants, values_work}, kRowStepBytes),
    row({"tn_softmax", "tinynas_softmax.c"}, OpKind::kSoftmax, reads_planar,
        {no_scratch, softmax_constants, softmax_work}, kRowStepBytes),
};

}  // namespace

std::span<const Kernel> kernel_register() { return kKernels; }
std::span<const SharedCode> shared_code() { return kSharedCode; }

const Kernel& kernel_for(const Graph& graph, const Layer& layer, KernelIsa isa) {
  for (const Kernel& kernel : kKernels)
    if (kernel.op == layer.op && kernel.least_isa <= isa && kernel.matches(graph, layer)) return kernel;
  const auto index = static_cast<int>(&layer - graph.layers.data());
  throw UnsupportedError(fmt::format(
      "{}: the engine has no kernel for {} of the network's input, whose channels are interleaved; "
      "put a convolution or a pool before it",
      ir::describe_layer(graph, index), ir::op_name(layer.op)));
}

Bytes kernel_code_bytes(const Graph& graph, Core core) {
  std::bitset<kKernels.size()> used;
  std::uint32_t shared = 0;
  const auto column = static_cast<std::size_t>(core);
  for (const Layer& layer : graph.layers) {
    const Kernel& kernel = kernel_for(graph, layer, core_info(core).isa);
    used.set(static_cast<std::size_t>(&kernel - kKernels.data()));
    shared |= kernel.shared;
  }
  Bytes total = 0;
  for (std::size_t i = 0; i < kKernels.size(); ++i)
    if (used.test(i)) total += kKernels[i].code_bytes[column];
  for (std::size_t i = 0; i < kSharedCode.size(); ++i)
    if (shared >> i & 1) total += kSharedCode[i].code_bytes[column];
  return total + unrolled_code_bytes(graph, core_info(core).isa);
}

}  // namespace tinynas::cost
