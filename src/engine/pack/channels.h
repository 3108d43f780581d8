#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/pack/fields.h"
#include "tinynas/quant/requantize.h"

namespace tinynas::engine {

/// What a kernel reads for one output channel: q = zero_point + (((acc << shift) * multiplier + 2^31) >> 32).
struct ChannelConstants {
  std::int32_t bias = 0;  ///< input's zero point folded in
  /// Twice quant::Multiplier's where that fits, so that the product is shifted by 32.
  std::int32_t multiplier = 0;
  int shift = 0;
};

/// Throws GraphError "<where>: ..." unless |acc| <= max_acc survives the shift.
ChannelConstants kernel_constants(const quant::Multiplier& m, std::int32_t bias, std::int64_t max_acc,
                                  std::string_view where);
/// One for each output channel of a layer with weights.
std::vector<ChannelConstants> channel_constants(const ir::Graph& graph, int layer);
/// Adds the array of shifts unless all are zero: the kernels then read NULL and shift nothing.
void add_shifts(PackedLayer& packed, const std::vector<ChannelConstants>& channels);

/// Adds biases with the input's zero point folded in, multipliers as VQRDMULH takes them, and shifts if a
/// channel has one.
void add_vector_channels(PackedLayer& packed, const quant::LayerArithmetic& arithmetic);

}  // namespace tinynas::engine
