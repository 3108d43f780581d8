#include "engine/pack/channels.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "tinynas/core/error.h"

namespace tinynas::engine {

ChannelConstants kernel_constants(const quant::Multiplier& m, std::int32_t bias, std::int64_t max_acc,
                                  std::string_view where) {
  const bool doubled = m.multiplier < 1 << 30;
  const ChannelConstants result{.bias = bias,
                                .multiplier = doubled ? 2 * m.multiplier : m.multiplier,
                                .shift = doubled ? m.shift : m.shift + 1};
  if (max_acc << result.shift >= std::int64_t{1} << 31)
    throw GraphError(
        fmt::format("{}: an accumulator of {} shifted by {} leaves 32 bits; its scale is too large", where,
                    max_acc, result.shift));
  return result;
}

std::vector<ChannelConstants> channel_constants(const ir::Graph& graph, int layer) {
  const quant::LayerArithmetic arithmetic = quant::layer_arithmetic(graph, layer);
  const auto& weight = parameters_at(graph, layer).weight;
  const std::size_t outputs = arithmetic.multipliers.size(), inputs = weight.size() / outputs;
  std::vector<ChannelConstants> result;
  for (std::size_t o = 0; o < outputs; ++o) {
    std::int64_t max_acc = std::abs(std::int64_t{arithmetic.folded_bias[o]});
    for (std::size_t k = 0; k < inputs; ++k) max_acc += 128 * std::abs(weight[o * inputs + k]);
    result.push_back(kernel_constants(arithmetic.multipliers[o], arithmetic.folded_bias[o], max_acc,
                                      fmt::format("{}: channel {}", ir::describe_layer(graph, layer), o)));
  }
  return result;
}

void add_shifts(PackedLayer& packed, const std::vector<ChannelConstants>& channels) {
  if (std::all_of(channels.begin(), channels.end(), [](const auto& c) { return c.shift == 0; })) return;
  PackedArray shifts = shift_array();
  for (const ChannelConstants& channel : channels) shifts.values.push_back(channel.shift);
  packed.arrays.push_back(std::move(shifts));
}

void add_vector_channels(PackedLayer& packed, const quant::LayerArithmetic& arithmetic) {
  PackedArray channels = int32_array("channels", {}), shifts = shift_array();
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

}  // namespace tinynas::engine
