#include "engine/pack/channels.h"
#include "engine/pack/packers.h"

namespace tinynas::engine {
namespace {

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

PackedLayer pack_depthwise_tiles(const ir::Graph& graph, int index) {
  const ir::Layer& layer = layer_at(graph, index);
  const int channels = graph.in_shape(layer).c;
  PackedLayer packed = layer_struct("tn_depthwise_layer", {{"c", channels}});
  add_window_fields(packed, graph, layer);
  packed.arrays = {column_weights(parameters_at(graph, index).weight, channels, layer.kernel_w)};
  add_vector_channels(packed, quant::layer_arithmetic(graph, index));
  return packed;
}

}  // namespace

std::span<const Packer> depthwise_tiles_packers() {
  static constexpr std::array kRows = {
      Packer{"tn_depthwise_tiles_3x3", pack_depthwise_tiles},
      Packer{"tn_depthwise_tiles_5x5", pack_depthwise_tiles},
      Packer{"tn_depthwise_tiles_7x7", pack_depthwise_tiles},
  };
  return kRows;
}

}  // namespace tinynas::engine
