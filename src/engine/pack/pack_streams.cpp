#include "engine/pack/pack_streams.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include <fmt/format.h>

#include "tinynas/core/error.h"
#include "tinynas/cost/unrolled.h"

namespace tinynas::engine {
namespace {

/// Weights [Cout, inputs] with zeros beyond both ends, so that streams can be padded.
class WeightTable {
 public:
  WeightTable(const ir::Graph& graph, int layer)
      : weight_(graph.quant->layers[static_cast<std::size_t>(layer)].weight),
        outputs_(graph.out_shape(graph.layers[static_cast<std::size_t>(layer)]).c),
        inputs_(static_cast<int>(weight_.size()) / outputs_) {
    for (int o = 0; o < outputs_; ++o) check_distinct(graph, layer, o);
  }
  int outputs() const { return outputs_; }
  int inputs() const { return inputs_; }
  int operator()(int output, int input) const {
    if (output >= outputs_ || input >= inputs_) return 0;
    return weight_[static_cast<std::size_t>(output) * static_cast<std::size_t>(inputs_) +
                   static_cast<std::size_t>(input)];
  }

 private:
  /// The second of a pair is found as (sum of halves - sum of first) >> 8, exact below 2^23 = 128 * 2^16.
  void check_distinct(const ir::Graph& graph, int layer, int output) const {
    std::int64_t sum = 0;
    for (int k = 0; k < inputs_; ++k) sum += std::abs((*this)(output, k));
    if (sum >= 1 << 16)
      throw GraphError(
          fmt::format("{}: channel {}: the absolute weights sum to {}; the kernel needs less than {}",
                      ir::describe_layer(graph, layer), output, sum, 1 << 16));
  }
  const std::vector<std::int8_t>& weight_;
  int outputs_, inputs_;
};

/// A half holds two weights as one int16: -127 * 257 .. 127 * 257 fits.
std::int64_t half(int a, int b) { return a + 256 * b; }
std::int64_t word(std::int64_t low, std::int64_t high) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(low & 0xffff) |
                                   static_cast<std::uint32_t>(high & 0xffff) << 16);
}

ChannelConstants constants_of(const std::vector<ChannelConstants>& channels, int output) {
  return output < static_cast<int>(channels.size()) ? channels[static_cast<std::size_t>(output)]
                                                    : ChannelConstants{};
}

}  // namespace

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
  const auto& weight = graph.quant->layers[static_cast<std::size_t>(layer)].weight;
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

int input_zero_point(const ir::Graph& graph, const ir::Layer& layer) {
  return graph.quant->tensors[static_cast<std::size_t>(layer.inputs[0])].zero_point;
}
int output_zero_point(const ir::Graph& graph, const ir::Layer& layer) {
  return graph.quant->tensors[static_cast<std::size_t>(layer.output)].zero_point;
}

std::vector<int> conv_order(const ir::Layer& layer, int in_c, bool planar) {
  // Chunks of neighbouring bytes: a kernel row of one channel, or of all where they are interleaved.
  std::vector<std::vector<int>> chunks;
  for (int i = 0; i < layer.kernel_h; ++i)
    for (int c = 0; c < (planar ? in_c : 1); ++c) {
      std::vector<int>& chunk = chunks.emplace_back();
      for (int j = 0; j < layer.kernel_w; ++j)
        for (int e = 0; e < (planar ? 1 : in_c); ++e)
          chunk.push_back((i * layer.kernel_w + j) * in_c + c + e);
    }
  const std::size_t bytes = chunks.front().size(), whole = bytes / 4 * 4;
  std::vector<int> order;
  for (const auto& chunk : chunks)
    for (std::size_t k = 0; k < whole; k += 4)  // SXTB16 makes pairs of bytes 0 and 2, 1 and 3
      order.insert(order.end(), {chunk[k], chunk[k + 2], chunk[k + 1], chunk[k + 3]});
  for (const auto& chunk : chunks)
    for (std::size_t k = whole; k < bytes; ++k) order.push_back(chunk[k]);
  return order;
}

std::vector<std::int64_t> pair_stream(const ir::Graph& graph, int layer,
                                      const std::vector<ChannelConstants>& channels,
                                      const std::vector<int>& order) {
  const WeightTable weight(graph, layer);
  const auto at = [&](int output, std::size_t k) { return k < order.size() ? weight(output, order[k]) : 0; };
  std::vector<std::int64_t> stream;
  for (int a = 0; a < weight.outputs(); a += 2) {
    const ChannelConstants first = constants_of(channels, a), second = constants_of(channels, a + 1);
    stream.push_back(first.bias);
    for (std::size_t k = 0; k < (order.size() + 3) / 4 * 4; k += 2)
      stream.push_back(word(half(at(a, k), at(a + 1, k)), half(at(a, k + 1), at(a + 1, k + 1))));
    stream.insert(stream.end(), {first.multiplier, second.multiplier, second.bias});
  }
  return stream;
}

std::vector<std::int64_t> dense_stream(const ir::Graph& graph, int layer,
                                       const std::vector<ChannelConstants>& channels,
                                       const std::vector<int>& order) {
  const std::vector<std::int64_t> pairs = pair_stream(graph, layer, channels, order);
  const std::size_t words = (order.size() + 3) / 4 * 2, pair = words + 4;
  std::vector<std::int64_t> stream;
  std::size_t at = 0;
  for (; at < channels.size() / 4 * 2 * pair; at += 2 * pair) {
    const auto both = [&](std::size_t from, std::size_t count) {
      for (std::size_t i = at + from; i < at + from + count; ++i)
        stream.insert(stream.end(), {pairs[i], pairs[pair + i]});
    };
    both(0, 1 + words);  // biases a and c, words of (a, b) and (c, d)
    for (const std::size_t first : {at, at + pair})
      stream.insert(stream.end(), {pairs[first + 1 + words], pairs[first + 2 + words]});  // multipliers
    both(3 + words, 1);                                                                   // biases b and d
  }
  stream.insert(stream.end(), pairs.begin() + static_cast<std::ptrdiff_t>(at), pairs.end());
  return stream;
}

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

}  // namespace

std::vector<std::int64_t> depthwise_stream(const ir::Graph& graph, int index,
                                           const std::vector<ChannelConstants>& channels) {
  const ir::Layer& layer = graph.layers[static_cast<std::size_t>(index)];
  const int kernel = layer.kernel_w, zero_point = input_zero_point(graph, layer);
  const std::int8_t* weight = graph.quant->layers[static_cast<std::size_t>(index)].weight.data();
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

}  // namespace tinynas::engine
