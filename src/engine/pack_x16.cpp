#include "engine/pack_x16.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "engine/pack_streams.h"

namespace tinynas::engine {
namespace {

constexpr std::size_t kLanes = 16;  // of the vectors that read the weights

/// Position in ir's weight order [Kh, Kw, Cin] of each input of a window, in the order in which it is gathered.
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

Fields conv_fields(const ir::Graph& graph, const ir::Layer& layer) {
  const ir::Shape &in = graph.in_shape(layer), &out = graph.out_shape(layer);
  Fields fields;
  const std::initializer_list<std::pair<const char*, int>> numbers = {
      {"in_c", in.c},
      {"in_w", in.w},
      {"out_c", out.c},
      {"out_w", out.w},
      {"kernel_h", layer.kernel_h},
      {"kernel_w", layer.kernel_w},
      {"stride_w", layer.stride_w},
      {"pad_left", layer.pad_left},
      {"in_zero_point", input_zero_point(graph, layer)},
      {"out_zero_point", output_zero_point(graph, layer)}};
  for (const auto& [name, value] : numbers) fields.emplace_back(name, std::to_string(value));
  return fields;
}

}  // namespace

PackedLayer pack_x16(const ir::Graph& graph, int index, std::string_view function) {
  const ir::Layer& layer = graph.layers[static_cast<std::size_t>(index)];
  const ir::Shape &in = graph.in_shape(layer), &out = graph.out_shape(layer);
  const quant::LayerArithmetic arithmetic =
      quant::layer_arithmetic(graph, index);  // proves that nothing overflows
  const bool dense = layer.op == ir::OpKind::kDense;

  PackedArray channels{.name = "channels", .type = "int32_t", .values = {}, .align = 4};
  PackedArray shifts{.name = "shifts", .type = "uint8_t", .values = {}, .align = 1};
  for (std::size_t o = 0; o < arithmetic.multipliers.size(); ++o) {
    channels.values.insert(channels.values.end(),
                           {arithmetic.folded_bias[o], arithmetic.multipliers[o].multiplier});
    shifts.values.push_back(arithmetic.multipliers[o].shift);
  }
  const auto& weight = graph.quant->layers[static_cast<std::size_t>(index)].weight;
  PackedLayer packed;
  if (function == "tn_conv_x16" || function == "tn_conv_input_x16") {
    packed.struct_type = "tn_conv_x16_layer";
    packed.fields = conv_fields(graph, layer);
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
  packed.arrays = {weight_rows(weight, arithmetic.multipliers.size(), order), std::move(channels)};
  if (std::any_of(shifts.values.begin(), shifts.values.end(), [](auto shift) { return shift != 0; }))
    packed.arrays.push_back(std::move(shifts));
  return packed;
}

}  // namespace tinynas::engine
