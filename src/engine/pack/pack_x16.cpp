#include "engine/pack/pack_x16.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "engine/pack/pack_streams.h"

namespace tinynas::engine {
namespace {

constexpr std::size_t kLanes = 16;  // of the vectors that read the weights

/// Position in ir's weight order [Kh, Kw, Cin] of each input of a window, in the order in which it is
/// gathered.
std::vector<std::size_t> window_order(const ir::Layer& layer, std::size_t in_c, bool planar) {
  std::vector<std::size_t> order;
  const auto kernel_h = static_cast<std::size_t>(layer.kernel_h),
             kernel_w = static_cast<std::size_t>(layer.kernel_w);
  for (std::size_t r = 0; r < kernel_h; ++r)
    for (std::size_t i = 0; i < kernel_w * in_c; ++i)  // planes one after the other, or interleaved
      order.push_back(r * kernel_w * in_c + (planar ? i % kernel_w * in_c + i / kernel_w : i));
  return order;
}

/// [outputs][inputs], rows shorter than a vector filled up, and what a vector may read behind the last row.
PackedArray weight_rows(const std::vector<std::int8_t>& weight, std::size_t outputs,
                        const std::vector<std::size_t>& order) {
  const std::size_t inputs = order.size(), row = std::max(inputs, kLanes);
  PackedArray array{.name = "weights", .type = "int8_t", .values = {}, .align = 1};
  array.values.resize(outputs * row + kLanes - 1);
  for (std::size_t o = 0; o < outputs; ++o)
    for (std::size_t k = 0; k < inputs; ++k) array.values[o * row + k] = weight[o * inputs + order[k]];
  return array;
}

using Fields = std::vector<std::pair<std::string, std::string>>;

/// What the structs of all kernels that read windows have, beside their numbers of `channels`.
Fields window_fields(const ir::Graph& graph, const ir::Layer& layer,
                     std::initializer_list<std::pair<const char*, int>> channels) {
  Fields fields;
  const auto add = [&](std::initializer_list<std::pair<const char*, int>> numbers) {
    for (const auto& [name, value] : numbers) fields.emplace_back(name, std::to_string(value));
  };
  add(channels);
  add({
      {"in_w", graph.in_shape(layer).w},
      {"out_w", graph.out_shape(layer).w},
      {"kernel_h", layer.kernel_h},
      {"kernel_w", layer.kernel_w},
      {"stride_w", layer.stride_w},
      {"pad_left", layer.pad_left},
      {"in_zero_point", input_zero_point(graph, layer)},
      {"out_zero_point", output_zero_point(graph, layer)},
  });
  return fields;
}

/// Biases with the input's zero point folded in, multipliers as VQRDMULH takes them, and shifts if a channel
/// has one.
void add_channels(PackedLayer& packed, const quant::LayerArithmetic& arithmetic) {
  PackedArray channels{.name = "channels", .type = "int32_t", .values = {}, .align = 4};
  PackedArray shifts{.name = "shifts", .type = "uint8_t", .values = {}, .align = 1};
  bool shifted = false;
  for (std::size_t o = 0; o < arithmetic.multipliers.size(); ++o) {
    channels.values.insert(channels.values.end(),
                           {arithmetic.folded_bias[o], arithmetic.multipliers[o].multiplier});
    shifts.values.push_back(arithmetic.multipliers[o].shift);
    shifted = shifted || arithmetic.multipliers[o].shift != 0;
  }
  packed.arrays.push_back(std::move(channels));
  if (shifted) packed.arrays.push_back(std::move(shifts));
}

/// Four kernel rows that alternate column by column, then the others (tinynas_kernels.h).
PackedArray column_weights(const std::vector<std::int8_t>& weight, int channels, int kernel) {
  const auto size = static_cast<std::size_t>(kernel), taps = size * size;
  const std::size_t stream = kernel == 3 ? 12 : kernel == 5 ? 28 : 56;
  constexpr std::size_t kReadBeyond = 4;
  PackedArray array{.name = "weights", .type = "int8_t", .values = {}, .align = 4};
  array.values.resize(static_cast<std::size_t>(channels) * stream + kReadBeyond);
  for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c)
    for (std::size_t r = 0; r < size; ++r)
      for (std::size_t j = 0; j < size; ++j) {
        const std::size_t line = r / 4 * 4 * size, step = kernel == 5 && r == 4 ? 1 : 4;
        array.values[c * stream + line + step * j + r % 4] = weight[c * taps + r * size + j];
      }
  return array;
}

}  // namespace

PackedLayer pack_x16(const ir::Graph& graph, int index, std::string_view function) {
  const ir::Layer& layer = graph.layers[static_cast<std::size_t>(index)];
  const ir::Shape &in = graph.in_shape(layer), &out = graph.out_shape(layer);
  const quant::LayerArithmetic arithmetic =
      quant::layer_arithmetic(graph, index);  // proves that nothing overflows
  const bool dense = layer.op == ir::OpKind::kDense;

  const auto& weight = graph.quant->layers[static_cast<std::size_t>(index)].weight;
  PackedLayer packed;
  if (function == "tn_conv_x16" || function == "tn_conv_input_x16") {
    packed.struct_type = "tn_conv_x16_layer";
    packed.fields = window_fields(graph, layer, {{"in_c", in.c}, {"out_c", out.c}});
  } else {
    packed.struct_type = "tn_conv1x1_x16_layer";
    packed.fields = {{"in_c", std::to_string(dense ? in.elements() : in.c)},
                     {"out_c", std::to_string(out.c)},
                     {"w", std::to_string(dense ? 1 : out.w)},
                     {"out_zero_point", std::to_string(output_zero_point(graph, layer))}};
  }
  std::vector<std::size_t> order;
  if (dense)
    for (std::size_t k = 0; k < weight.size() / arithmetic.multipliers.size(); ++k) order.push_back(k);
  else
    order = window_order(layer, static_cast<std::size_t>(in.c), function != "tn_conv_input_x16");
  packed.arrays = {weight_rows(weight, arithmetic.multipliers.size(), order)};
  add_channels(packed, arithmetic);
  return packed;
}

PackedLayer pack_depthwise_tiles(const ir::Graph& graph, int index) {
  const ir::Layer& layer = graph.layers[static_cast<std::size_t>(index)];
  const int channels = graph.in_shape(layer).c;
  PackedLayer packed;
  packed.struct_type = "tn_depthwise_layer";
  packed.fields = window_fields(graph, layer, {{"c", channels}});
  const auto& weight = graph.quant->layers[static_cast<std::size_t>(index)].weight;
  packed.arrays = {column_weights(weight, channels, layer.kernel_w)};
  add_channels(packed, quant::layer_arithmetic(graph, index));
  return packed;
}

}  // namespace tinynas::engine
