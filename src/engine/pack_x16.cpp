#include "engine/pack_x16.h"

#include <algorithm>

#include "engine/pack_streams.h"

namespace tinynas::engine {
namespace {

constexpr std::size_t kLanes = 16;  // of the vectors that read the weights

/// [outputs][inputs], rows shorter than a vector filled up, and what a vector may read behind the last row.
PackedArray weight_rows(const std::vector<std::int8_t>& weight, std::size_t outputs) {
  const std::size_t inputs = weight.size() / outputs, row = std::max(inputs, kLanes);
  PackedArray array{.name = "weights", .type = "int8_t", .values = {}, .align = 1};
  array.values.resize(outputs * row + kLanes - 1);
  for (std::size_t o = 0; o < outputs; ++o)
    std::copy_n(weight.begin() + static_cast<std::ptrdiff_t>(o * inputs), inputs,
                array.values.begin() + static_cast<std::ptrdiff_t>(o * row));
  return array;
}

}  // namespace

PackedLayer pack_x16(const ir::Graph& graph, int index) {
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
  packed.struct_type = "tn_conv1x1_x16_layer";
  packed.fields = {{"in_c", std::to_string(dense ? in.elements() : in.c)},
                   {"out_c", std::to_string(out.c)},
                   {"w", std::to_string(dense ? 1 : out.w)},
                   {"out_zero_point", std::to_string(output_zero_point(graph, layer))}};
  packed.arrays = {weight_rows(weight, arithmetic.multipliers.size()), std::move(channels)};
  if (std::any_of(shifts.values.begin(), shifts.values.end(), [](auto shift) { return shift != 0; }))
    packed.arrays.push_back(std::move(shifts));
  return packed;
}

}  // namespace tinynas::engine
