#include <algorithm>
#include <array>
#include <numeric>

#include "engine/pack/channels.h"
#include "engine/pack/packers.h"

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

/// Adds rows of weights in this order and what stands beside them; proves that nothing overflows.
void add_rows(PackedLayer& packed, const ir::Graph& graph, int index, const std::vector<std::size_t>& order) {
  const quant::LayerArithmetic arithmetic = quant::layer_arithmetic(graph, index);
  packed.arrays = {weight_rows(parameters_at(graph, index).weight, arithmetic.multipliers.size(), order)};
  add_vector_channels(packed, arithmetic);
}

PackedLayer pack_conv1x1_x16(const ir::Graph& graph, int index) {
  const ir::Layer& layer = layer_at(graph, index);
  const ir::Shape &in = graph.in_shape(layer), &out = graph.out_shape(layer);
  PackedLayer packed = layer_struct(
      "tn_conv1x1_x16_layer",
      {{"in_c", in.c}, {"out_c", out.c}, {"w", out.w}, {"out_zero_point", output_zero_point(graph, layer)}});
  add_rows(packed, graph, index, window_order(layer, static_cast<std::size_t>(in.c), true));
  return packed;
}

template <bool planar>
PackedLayer pack_conv_x16(const ir::Graph& graph, int index) {
  const ir::Layer& layer = layer_at(graph, index);
  const ir::Shape &in = graph.in_shape(layer), &out = graph.out_shape(layer);
  PackedLayer packed = layer_struct("tn_conv_x16_layer", {{"in_c", in.c}, {"out_c", out.c}});
  add_window_fields(packed, graph, layer);
  add_rows(packed, graph, index, window_order(layer, static_cast<std::size_t>(in.c), planar));
  return packed;
}

PackedLayer pack_dense_x16(const ir::Graph& graph, int index) {
  const ir::Layer& layer = layer_at(graph, index);
  const std::int64_t inputs = graph.in_shape(layer).elements();
  PackedLayer packed =
      layer_struct("tn_conv1x1_x16_layer", {{"in_c", inputs},
                                            {"out_c", graph.out_shape(layer).c},
                                            {"w", 1},
                                            {"out_zero_point", output_zero_point(graph, layer)}});
  std::vector<std::size_t> order(static_cast<std::size_t>(inputs));
  std::iota(order.begin(), order.end(), std::size_t{0});
  add_rows(packed, graph, index, order);
  return packed;
}

}  // namespace

std::span<const Packer> conv_x16_packers() {
  static constexpr std::array kRows = {
      Packer{"tn_conv1x1_x16", pack_conv1x1_x16},
      Packer{"tn_conv_x16", pack_conv_x16<true>},
      Packer{"tn_conv_input_x16", pack_conv_x16<false>},
      Packer{"tn_dense_x16", pack_dense_x16},
  };
  return kRows;
}

}  // namespace tinynas::engine
