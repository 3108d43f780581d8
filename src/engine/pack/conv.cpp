#include <limits>

#include "engine/pack/channels.h"
#include "engine/pack/packers.h"
#include "tinynas/core/error.h"

namespace tinynas::engine {
namespace {

/// Weights [Cout, inputs] with zeros beyond both ends, so that streams can be padded.
class WeightTable {
 public:
  WeightTable(const ir::Graph& graph, int layer)
      : weight_(parameters_at(graph, layer).weight),
        outputs_(graph.out_shape(layer_at(graph, layer)).c),
        inputs_(static_cast<int>(weight_.size()) / outputs_) {}
  int outputs() const { return outputs_; }
  int operator()(int output, int input) const {
    if (output >= outputs_ || input >= inputs_) return 0;
    return weight_[static_cast<std::size_t>(output) * static_cast<std::size_t>(inputs_) +
                   static_cast<std::size_t>(input)];
  }

 private:
  const std::vector<std::int8_t>& weight_;
  int outputs_, inputs_;
};

/// A half holds two weights as one int16; the register says which weights fit (cost/kernels/conv.cpp).
std::int64_t half(int a, int b) {
  const int both = a + 256 * b;
  TINYNAS_CHECK(both >= std::numeric_limits<std::int16_t>::min(), "a pair of weights that is no half");
  return both;
}
std::int64_t word(std::int64_t low, std::int64_t high) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(low & 0xffff) |
                                   static_cast<std::uint32_t>(high & 0xffff) << 16);
}

ChannelConstants constants_of(const std::vector<ChannelConstants>& channels, int output) {
  return output < static_cast<int>(channels.size()) ? channels[static_cast<std::size_t>(output)]
                                                    : ChannelConstants{};
}

/// Position in ir's weight order [Kh, Kw, Cin] of each input of a convolution's stream, in the order in which
/// the kernels gather a window: chunks of neighbouring bytes, whole words of all chunks first, then the rest.
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

/// The streams that tinynas_kernels.h describes.
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

/// Pairs of pairs, then pairs.
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

/// Adds the weights of a convolution in the order in which its kernel gathers them.
void add_conv_weights(PackedLayer& packed, const ir::Graph& graph, int index, bool planar) {
  const ir::Layer& layer = layer_at(graph, index);
  const auto channels = channel_constants(graph, index);
  const auto order = conv_order(layer, graph.in_shape(layer).c, planar);
  packed.arrays.push_back(int32_array("weights", pair_stream(graph, index, channels, order)));
  add_shifts(packed, channels);
}

PackedLayer pack_conv1x1(const ir::Graph& graph, int index) {
  const ir::Layer& layer = layer_at(graph, index);
  const ir::Shape& out = graph.out_shape(layer);
  PackedLayer packed =
      layer_struct("tn_conv1x1_layer", {{"in_c", graph.in_shape(layer).c},
                                        {"out_c", out.c},
                                        {"w", out.w},
                                        {"out_zero_point", output_zero_point(graph, layer)}});
  add_conv_weights(packed, graph, index, true);
  return packed;
}

template <bool planar>
PackedLayer pack_conv(const ir::Graph& graph, int index) {
  const ir::Layer& layer = layer_at(graph, index);
  const ir::Shape &in = graph.in_shape(layer), &out = graph.out_shape(layer);
  PackedLayer packed = layer_struct("tn_conv_layer", {{"in_c", in.c},
                                                      {"in_w", in.w},
                                                      {"out_c", out.c},
                                                      {"out_w", out.w},
                                                      {"kernel_h", layer.kernel_h},
                                                      {"kernel_w", layer.kernel_w},
                                                      {"stride_w", layer.stride_w},
                                                      {"pad_left", layer.pad_left},
                                                      {"in_zero_point", input_zero_point(graph, layer)},
                                                      {"out_zero_point", output_zero_point(graph, layer)}});
  add_conv_weights(packed, graph, index, planar);
  return packed;
}

PackedLayer pack_dense(const ir::Graph& graph, int index) {
  const ir::Layer& layer = layer_at(graph, index);
  const auto channels = channel_constants(graph, index);
  const auto inputs = static_cast<int>(graph.in_shape(layer).elements());
  PackedLayer packed =
      layer_struct("tn_conv1x1_layer", {{"in_c", inputs},
                                        {"out_c", graph.out_shape(layer).c},
                                        {"w", 1},
                                        {"out_zero_point", output_zero_point(graph, layer)}});
  ir::Layer row;  // the inputs stand side by side, as in one row of a kernel
  row.kernel_h = 1, row.kernel_w = static_cast<std::int16_t>(inputs);
  packed.arrays.push_back(
      int32_array("weights", dense_stream(graph, index, channels, conv_order(row, 1, true))));
  add_shifts(packed, channels);
  return packed;
}

}  // namespace

std::span<const Packer> conv_packers() {
  static constexpr std::array kRows = {
      Packer{"tn_conv1x1", pack_conv1x1},
      Packer{"tn_conv", pack_conv<true>},
      Packer{"tn_conv_input", pack_conv<false>},
      Packer{"tn_dense", pack_dense},
  };
  return kRows;
}

}  // namespace tinynas::engine
