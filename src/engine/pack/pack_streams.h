#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "tinynas/ir/graph.h"
#include "tinynas/quant/requantize.h"

namespace tinynas::engine {

/// What a kernel reads for one output channel: q = zero_point + (((acc << shift) * multiplier + 2^31) >> 32).
struct ChannelConstants {
  std::int32_t bias = 0;  ///< input's zero point folded in
  std::int32_t multiplier =
      0;  ///< twice quant::Multiplier's where that fits, so that the product is shifted by 32
  int shift = 0;
};

/// Throws GraphError "<where>: ..." unless |acc| <= max_acc survives the shift.
ChannelConstants kernel_constants(const quant::Multiplier& m, std::int32_t bias, std::int64_t max_acc,
                                  std::string_view where);
/// Of every output channel of a layer with weights.
std::vector<ChannelConstants> channel_constants(const ir::Graph& graph, int layer);

int input_zero_point(const ir::Graph& graph, const ir::Layer& layer);
int output_zero_point(const ir::Graph& graph, const ir::Layer& layer);

/// Position in ir's weight order [Kh, Kw, Cin] of each input of a convolution's stream, in the order in which
/// the kernels gather a window: chunks of neighbouring bytes, whole words of all chunks first, then the rest.
std::vector<int> conv_order(const ir::Layer& layer, int in_c, bool planar);

/// The streams that tinynas_kernels.h describes. Throw GraphError where halves could not be told apart.
std::vector<std::int64_t> pair_stream(const ir::Graph& graph, int layer,
                                      const std::vector<ChannelConstants>& channels,
                                      const std::vector<int>& order);
/// Pairs of pairs, then pairs.
std::vector<std::int64_t> dense_stream(const ir::Graph& graph, int layer,
                                       const std::vector<ChannelConstants>& channels,
                                       const std::vector<int>& order);
/// The kernel must be 3x3, 5x5 or 7x7.
std::vector<std::int64_t> depthwise_stream(const ir::Graph& graph, int layer,
                                           const std::vector<ChannelConstants>& channels);

}  // namespace tinynas::engine
