#include <numeric>

#include "engine/pack/channels.h"
#include "engine/pack/packers.h"
#include "tinynas/core/error.h"
#include "tinynas/cost/unrolled.h"

namespace tinynas::engine {
namespace {

std::int64_t four_bytes(int a, int b, int c, int d) {
  const auto byte = [](int value) { return std::uint32_t{static_cast<std::uint8_t>(value)}; };
  return static_cast<std::int32_t>(byte(a) | byte(b) << 8 | byte(c) << 16 | byte(d) << 24);
}

/// The last weight and the bias of a channel in one word.
std::int64_t weight_and_bias(int weight, std::int64_t bias) {
  TINYNAS_CHECK(-cost::kDepthwiseBias <= bias && bias < cost::kDepthwiseBias, "a bias of more than 24 bits");
  return bias * 256 + static_cast<std::uint8_t>(weight);
}

void add_channel_3x3(std::vector<std::int64_t>& stream, const std::int8_t* w,
                     const ChannelConstants& channel) {
  stream.insert(stream.end(), {channel.multiplier, four_bytes(w[0], w[3], w[2], w[5]),
                               four_bytes(w[6], w[1], w[8], w[4]), weight_and_bias(w[7], channel.bias)});
}

/// Beside the bias those with the left taps outside and with the right ones.
void add_wide_channel_3x3(std::vector<std::int64_t>& stream, const std::int8_t* w,
                          const ChannelConstants& channel, int zero_point) {
  const auto column = [&](int j) { return zero_point * (w[j] + w[3 + j] + w[6 + j]); };
  stream.insert(stream.end(), {channel.bias, channel.bias + column(0), channel.bias + column(2)});
  stream.insert(stream.end(), {channel.multiplier, four_bytes(w[0], w[3], w[2], w[5]),
                               four_bytes(w[6], w[1], w[8], w[4]), w[7]});
}

/// 5x5 and 7x7: the bias without the zero point.
void add_channel(std::vector<std::int64_t>& stream, const std::int8_t* w, const ChannelConstants& channel,
                 int zero_point, int kernel) {
  const int last = kernel * kernel - 1, sum = std::accumulate(w, w + last + 1, 0);
  stream.push_back(channel.multiplier);
  for (int i = 0; i < last; i += 4) stream.push_back(four_bytes(w[i], w[i + 1], w[i + 2], w[i + 3]));
  stream.push_back(weight_and_bias(w[last], channel.bias + zero_point * sum));
}

/// The stream of a 3x3, 5x5 or 7x7 kernel that tinynas_kernels.h describes.
std::vector<std::int64_t> depthwise_stream(const ir::Graph& graph, int index,
                                           const std::vector<ChannelConstants>& channels) {
  const ir::Layer& layer = layer_at(graph, index);
  const int kernel = layer.kernel_w, zero_point = input_zero_point(graph, layer);
  const std::int8_t* weight = parameters_at(graph, index).weight.data();
  std::vector<std::int64_t> stream;
  for (const ChannelConstants& channel : channels) {
    if (kernel > 3)
      add_channel(stream, weight, channel, zero_point, kernel);
    else if (graph.in_shape(layer).w >= cost::kWideRow)
      add_wide_channel_3x3(stream, weight, channel, zero_point);
    else
      add_channel_3x3(stream, weight, channel);
    weight += kernel * kernel;
  }
  return stream;
}

PackedLayer pack_depthwise(const ir::Graph& graph, int index) {
  const ir::Layer& layer = layer_at(graph, index);
  const auto channels = channel_constants(graph, index);
  const auto& weight = parameters_at(graph, index).weight;
  PackedLayer packed = layer_struct("tn_depthwise_layer", {{"c", graph.in_shape(layer).c}});
  add_window_fields(packed, graph, layer);
  std::vector<std::int64_t> constants;
  for (const ChannelConstants& channel : channels)
    constants.insert(constants.end(), {channel.bias, channel.multiplier});
  packed.arrays.push_back(
      {.name = "weights", .type = "int8_t", .values = {weight.begin(), weight.end()}, .align = 1});
  packed.arrays.push_back(int32_array("channels", std::move(constants)));
  add_shifts(packed, channels);
  return packed;
}

PackedLayer pack_depthwise_square(const ir::Graph& graph, int index) {
  const ir::Layer& layer = layer_at(graph, index);
  const auto channels = channel_constants(graph, index);
  PackedLayer packed =
      layer_struct("tn_depthwise_square_layer", {{"c", graph.in_shape(layer).c},
                                                 {"in_w", graph.in_shape(layer).w},
                                                 {"out_w", graph.out_shape(layer).w},
                                                 {"stride_w", layer.stride_w},
                                                 {"pad_left", layer.pad_left},
                                                 {"in_zero_point", input_zero_point(graph, layer)},
                                                 {"out_zero_point", output_zero_point(graph, layer)}});
  packed.arrays.push_back(int32_array("weights", depthwise_stream(graph, index, channels)));
  add_shifts(packed, channels);
  return packed;
}

}  // namespace

std::span<const Packer> depthwise_packers() {
  static constexpr std::array kRows = {
      Packer{"tn_depthwise_3x3", pack_depthwise_square},
      Packer{"tn_depthwise_5x5", pack_depthwise_square},
      Packer{"tn_depthwise_7x7", pack_depthwise_square},
      Packer{"tn_depthwise", pack_depthwise},
  };
  return kRows;
}

}  // namespace tinynas::engine
