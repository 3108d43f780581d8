#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "support/kernel_case.h"
#include "tinynas/core/rng.h"
#include "tinynas/cost/kernels.h"
#include "tinynas/engine/pack.h"
#include "tinynas/ir/builder.h"
#include "tinynas/ir/ops.h"
#include "tinynas/quant/interpreter.h"
#include "tinynas/quant/requantize.h"

namespace tinynas::test {

using Int8s = std::vector<std::int8_t>;

/// The last layer of a graph, its inputs, and what the interpreter makes of them; all as the engine lays out
/// rows.
struct LayerCase {
  ir::Graph graph;
  Int8s first, second, expected;
  const ir::Layer& layer() const { return graph.layers.back(); }
  int index() const { return graph.layer_count() - 1; }
};

/// [H, W, C] as rows of [C][W].
inline Int8s planar(const Int8s& values, const ir::Shape& shape) {
  Int8s result(values.size());
  for (int y = 0; y < shape.h; ++y)
    for (int x = 0; x < shape.w; ++x)
      for (int c = 0; c < shape.c; ++c)
        result[at((y * shape.c + c) * shape.w + x)] = values[at((y * shape.w + x) * shape.c + c)];
  return result;
}

inline Int8s random_int8s(Rng& rng, std::int64_t count, int low = -128, int high = 127) {
  Int8s values(at(count));
  for (auto& value : values) value = static_cast<std::int8_t>(rng.between(low, high));
  return values;
}

/// What is asked of a case beside the layer.
struct CaseOptions {
  bool from_network_input = false;  ///< rows arrive interleaved
  bool large_scales = false;        ///< some channels need a shift
  bool lowest_weights = false;      ///< many weights are -128
  int largest_bias = 0;             ///< if not 0: biases up to this, and outputs that show them
  int second_channels = 0;          ///< of a concat's second input
  int second_rows = 0;              ///< of a second input below the first, as multiples of the first's
  ir::ChannelMap map = {};          ///< of a gather
  bool factor_per_channel = false;  ///< a product: the second input is [1, 1, C]
};

/// Scale and zero point of the last layer's output where they are not free: fitting values, or the only ones.
inline void set_output_quant(ir::Graph& graph, Rng& rng) {
  const ir::Layer& layer = graph.layers.back();
  auto& tensors = graph.quant->tensors;
  const ir::TensorQuant& in = tensors[at(layer.inputs[0])];
  ir::TensorQuant& out = tensors[at(layer.output)];
  switch (layer.op) {
    case ir::OpKind::kGlobalAveragePool:  // a mean deviates less than its terms
      out.scale = in.scale / static_cast<float>(std::sqrt(graph.in_shape(layer).h * graph.in_shape(layer).w));
      break;
    case ir::OpKind::kAveragePool:
      out.scale = in.scale / static_cast<float>(std::sqrt(layer.kernel_h * layer.kernel_w));
      break;
    case ir::OpKind::kMul:  // factors up to 255 deviate by 74 and more
      out.scale *= 90 * in.scale * tensors[at(layer.inputs[1])].scale;
      break;
    case ir::OpKind::kConcat:
    case ir::OpKind::kConcatRows:
      if (rng.chance(0.3)) out = in;
      break;
    case ir::OpKind::kLogSoftmax:
      tensors[at(layer.inputs[0])].scale = static_cast<float>(std::exp(-4 * rng.uniform()));
      out.scale = 0.0625F;
      break;
    case ir::OpKind::kMaxPool:
    case ir::OpKind::kResizeNearest:
    case ir::OpKind::kDepthToSpace:
    case ir::OpKind::kGather:
    case ir::OpKind::kSlice:
    case ir::OpKind::kReshape:
      out = in;
      break;
    case ir::OpKind::kSoftmax:
      tensors[at(layer.inputs[0])].scale = static_cast<float>(std::exp(-4 * rng.uniform()));
      out = quant::kShareQuant;
      break;
    default:
      break;
  }
}

/// A graph whose last layer is `layer` (its tensors are set here), with random weights and quantization such
/// that outputs fill the range of int8. Other layers only bring its inputs about.
inline ir::Graph one_layer_graph(ir::Layer layer, ir::Shape in, int out_channels, Rng& rng,
                                 CaseOptions options) {
  ir::Graph graph;
  ir::Builder b(graph);
  if (options.from_network_input) {
    layer.inputs = {b.input(in), -1};
  } else {
    const int image = b.input({in.h, in.w, 1});
    layer.inputs[0] = b.conv(image, in.c);
    if (options.second_rows > 0) {
      const auto times = static_cast<std::int16_t>(options.second_rows);
      layer.inputs[1] = b.conv(
          b.append({.op = ir::OpKind::kResizeNearest, .stride_h = times, .inputs = {image, -1}}, 0), in.c);
    } else if (ir::op_info(layer.op).inputs == 2)
      layer.inputs[1] = options.factor_per_channel
                            ? b.global_pool(layer.inputs[0])
                            : b.conv(image, options.second_channels > 0 ? options.second_channels : in.c);
  }
  b.finish(b.append(layer, out_channels));
  if (!options.map.empty()) graph.maps = {options.map};

  ir::Quantization q;
  for (std::size_t t = 0; t < graph.tensors.size(); ++t)
    q.tensors.push_back(
        {.scale = static_cast<float>(std::exp(rng.uniform() - 0.5)), .zero_point = rng.between(-128, 127)});
  for (const ir::Layer& l : graph.layers) {
    if (ir::op_info(l.op).moves_values) q.tensors[at(l.output)] = q.tensors[at(l.inputs[0])];
    ir::QuantParameters p;
    const std::int64_t biases = ir::layer_biases(graph, l), weights = ir::layer_weights(graph, l);
    if (biases > 0) {
      const double taps = static_cast<double>(weights) / static_cast<double>(biases);
      const bool large = options.large_scales && &l == &graph.layers.back();
      const int most = large ? 2 : 127;
      p.weight = random_int8s(rng, weights, -most, most);
      if (options.lowest_weights && !large)
        for (auto& weight : p.weight)
          if (rng.chance(0.1)) weight = -128;
      // Uniform values up to `most` and 128 deviate by 0.58 of that: the sum by this; 60 is half of int8.
      const int largest = &l == &graph.layers.back() ? options.largest_bias : 0;
      const double deviation = std::max(0.58 * most * 0.58 * 128 * std::sqrt(taps), 1.0 * largest);
      const double ratio = q.tensors[at(l.inputs[0])].scale / q.tensors[at(l.output)].scale;
      for (std::int64_t o = 0; o < biases; ++o) {
        p.bias.push_back(rng.between(-1, 1) * static_cast<int>(deviation * rng.uniform()));
        p.weight_scale.push_back(static_cast<float>(60 / deviation / ratio * std::exp(2 * rng.uniform() - 1) *
                                                    (large && o % 3 == 0 ? 4 : 1)));
      }
    }
    q.layers.push_back(std::move(p));
  }
  graph.quant = std::move(q);
  set_output_quant(graph, rng);
  return graph;
}

inline LayerCase layer_case(const ir::Layer& layer, const ir::Shape& in, int out_channels, Rng rng,
                            CaseOptions options = {}) {
  LayerCase result{.graph = one_layer_graph(layer, in, out_channels, rng, options),
                   .first = {},
                   .second = {},
                   .expected = {}};
  result.first = random_int8s(rng, in.elements());
  const bool two = result.layer().inputs[1] >= 0;
  if (two) result.second = random_int8s(rng, result.graph.in_shape(result.layer(), 1).elements());
  const quant::Int8Interpreter interpreter(result.graph);
  result.expected = planar(interpreter.run_layer(result.index(), result.first, result.second),
                           result.graph.out_shape(result.layer()));
  if (!options.from_network_input) result.first = planar(result.first, in);
  if (two) result.second = planar(result.second, result.graph.in_shape(result.layer(), 1));
  return result;
}

inline case_form form_of(cost::Step step) {
  switch (step) {
    case cost::Step::kRow:
      return CASE_ONE_ROW;
    case cost::Step::kTwoRows:
      return CASE_TWO_ROWS;
    case cost::Step::kEitherRow:
      return CASE_EITHER_ROW;
    case cost::Step::kGroup:
      return CASE_GROUP;
    case cost::Step::kPool:
      return CASE_POOL;
    default:
      return CASE_WINDOW;
  }
}

/// All of a kernel_case but its pointers.
inline kernel_case case_numbers(const LayerCase& c, cost::KernelIsa isa) {
  const ir::Layer& layer = c.layer();
  const ir::Shape &in = c.graph.in_shape(layer), &out = c.graph.out_shape(layer);
  const cost::Kernel& kernel = cost::kernel_for(c.graph, layer, isa);
  kernel_case result{};
  result.form = form_of(kernel.step);
  result.in_h = in.h;
  result.in_row_bytes = static_cast<std::int32_t>(in.row_bytes());
  result.out_h = out.h;
  result.out_row_bytes = static_cast<std::int32_t>(out.row_bytes());
  if (layer.inputs[1] >= 0 && (result.form == CASE_EITHER_ROW || c.graph.in_shape(layer, 1).h == in.h))
    result.second_row_bytes = static_cast<std::int32_t>(c.graph.in_shape(layer, 1).row_bytes());
  result.kernel_h = layer.kernel_h;
  result.stride_h = layer.stride_h;
  result.pad_top = layer.pad_top;
  result.dilation_h = layer.dilation_h;
  if (layer.op == ir::OpKind::kDepthToSpace) result.part_bytes = result.in_row_bytes / layer.stride_h;
  if (result.form == CASE_ONE_ROW && layer.op != ir::OpKind::kSlice) {  // a resize: rows are repeated
    result.kernel_h = layer.stride_h;
    result.stride_h = 1;
  }
  result.scratch_bytes = static_cast<std::int32_t>(kernel.scratch_bytes(c.graph, layer, isa));
  return result;
}

}  // namespace tinynas::test
