#include "engine/pack/pack_plain.h"

#include <fmt/format.h>

#include <limits>

#include "engine/pack/pack_streams.h"
#include "tinynas/core/error.h"
#include "tinynas/quant/requantize.h"

namespace tinynas::engine {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

constexpr std::int64_t kLargestDifference = 255;  // |q - zero point|, both int8

void add_fields(Fields& fields, std::initializer_list<std::pair<const char*, std::int64_t>> values) {
  for (const auto& [name, value] : values) fields.emplace_back(name, std::to_string(value));
}

const ir::Layer& layer_at(const ir::Graph& graph, int index) {
  return graph.layers[static_cast<std::size_t>(index)];
}

const ir::TensorQuant& quant_of(const ir::Graph& graph, int tensor) {
  return graph.quant->tensors[static_cast<std::size_t>(tensor)];
}

/// One multiplier for every number of values a window may hold.
void add_means(PackedLayer& packed, const ir::Graph& graph, int index) {
  PackedArray multipliers{.name = "multipliers", .type = "int32_t", .values = {}, .align = 4};
  PackedArray shifts{.name = "shifts", .type = "uint8_t", .values = {}, .align = 1};
  const auto by_count = quant::average_pool_multipliers(graph, index);
  for (std::size_t n = 1; n < by_count.size(); ++n) {
    const ChannelConstants mean = kernel_constants(
        by_count[n], 0, kLargestDifference * static_cast<std::int64_t>(n), ir::describe_layer(graph, index));
    multipliers.values.push_back(mean.multiplier);
    shifts.values.push_back(mean.shift);
  }
  packed.arrays = {std::move(multipliers), std::move(shifts)};
}

PackedLayer pack_window_pool(const ir::Graph& graph, int index) {
  const ir::Layer& layer = layer_at(graph, index);
  const ir::Shape& in = graph.in_shape(layer);
  const bool interleaved = layer.inputs[0] == graph.input;
  PackedLayer packed{.function = {}, .struct_type = "tn_window_pool_layer", .fields = {}, .arrays = {}};
  add_fields(packed.fields, {{"c", in.c},
                             {"in_w", in.w},
                             {"out_w", graph.out_shape(layer).w},
                             {"channel_step", interleaved ? 1 : in.w},
                             {"column_step", interleaved ? in.c : 1},
                             {"in_zero_point", input_zero_point(graph, layer)},
                             {"out_zero_point", output_zero_point(graph, layer)},
                             {"kernel_h", layer.kernel_h},
                             {"kernel_w", layer.kernel_w},
                             {"stride_w", layer.stride_w},
                             {"pad_left", layer.pad_left}});
  if (layer.op == ir::OpKind::kAveragePool)
    add_means(packed, graph, index);
  else
    quant::require_equal_quant(graph, index);
  return packed;
}

PackedLayer pack_mul(const ir::Graph& graph, int index) {
  const ir::Layer& layer = layer_at(graph, index);
  const ChannelConstants scale =
      kernel_constants(quant::mul_multiplier(graph, index), 0, kLargestDifference * kLargestDifference,
                       ir::describe_layer(graph, index));
  PackedLayer packed{.function = {}, .struct_type = "tn_mul_layer", .fields = {}, .arrays = {}};
  add_fields(packed.fields, {{"multiplier", scale.multiplier},
                             {"c", graph.out_shape(layer).c},
                             {"w", graph.out_shape(layer).w},
                             {"a_zero_point", input_zero_point(graph, layer)},
                             {"b_zero_point", quant_of(graph, layer.inputs[1]).zero_point},
                             {"out_zero_point", output_zero_point(graph, layer)},
                             {"shift", scale.shift}});
  return packed;
}

PackedLayer pack_concat(const ir::Graph& graph, int index) {
  const ir::Layer& layer = layer_at(graph, index);
  const auto scales = quant::concat_multipliers(graph, index);
  std::array<ChannelConstants, 2> parts;
  for (std::size_t i = 0; i < 2; ++i)  // the multiplier 0 says that nothing has to be computed
    if (quant_of(graph, layer.inputs[i]) != quant_of(graph, layer.output))
      parts[i] = kernel_constants(scales[i], 0, kLargestDifference, ir::describe_layer(graph, index));
  PackedLayer packed{.function = {}, .struct_type = "tn_concat_layer", .fields = {}, .arrays = {}};
  add_fields(packed.fields, {{"a_count", graph.in_shape(layer, 0).row_bytes()},
                             {"b_count", graph.in_shape(layer, 1).row_bytes()},
                             {"a_multiplier", parts[0].multiplier},
                             {"b_multiplier", parts[1].multiplier},
                             {"a_zero_point", input_zero_point(graph, layer)},
                             {"b_zero_point", quant_of(graph, layer.inputs[1]).zero_point},
                             {"out_zero_point", output_zero_point(graph, layer)},
                             {"a_shift", parts[0].shift},
                             {"b_shift", parts[1].shift}});
  return packed;
}

PackedLayer pack_resize(const ir::Graph& graph, int index) {
  const ir::Layer& layer = layer_at(graph, index);
  quant::require_equal_quant(graph, index);
  PackedLayer packed{.function = {}, .struct_type = "tn_resize_nearest_layer", .fields = {}, .arrays = {}};
  add_fields(packed.fields, {{"in_count", graph.in_shape(layer).row_bytes()}, {"factor", layer.stride_w}});
  return packed;
}

PackedLayer pack_softmax(const ir::Graph& graph, int index) {
  const ir::Shape& in = graph.in_shape(layer_at(graph, index));
  if (in.c > std::numeric_limits<std::int16_t>::max())
    throw UnsupportedError(fmt::format("{}: {} channels; the sum of exponentials fits 32 bits up to {}",
                                       ir::describe_layer(graph, index), in.c,
                                       std::numeric_limits<std::int16_t>::max()));
  const auto table = quant::softmax_table(graph, index);
  PackedLayer packed{.function = {}, .struct_type = "tn_softmax_layer", .fields = {}, .arrays = {}};
  add_fields(packed.fields, {{"c", in.c}, {"w", in.w}});
  packed.arrays = {
      {.name = "exponentials", .type = "uint32_t", .values = {table.begin(), table.end()}, .align = 4}};
  return packed;
}

}  // namespace

PackedLayer pack_plain(const ir::Graph& graph, int layer, std::string_view function) {
  switch (layer_at(graph, layer).op) {
    case ir::OpKind::kAveragePool:
    case ir::OpKind::kMaxPool:
      return pack_window_pool(graph, layer);
    case ir::OpKind::kMul:
      return pack_mul(graph, layer);
    case ir::OpKind::kConcat:
      return pack_concat(graph, layer);
    case ir::OpKind::kResizeNearest:
      return pack_resize(graph, layer);
    case ir::OpKind::kSoftmax:
      return pack_softmax(graph, layer);
    default:
      break;
  }
  throw InternalError(fmt::format("kernel {} is in the register but has no packing", function));
}

}  // namespace tinynas::engine
