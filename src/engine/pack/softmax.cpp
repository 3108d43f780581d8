#include <limits>

#include <fmt/format.h>

#include "engine/pack/packers.h"
#include "tinynas/core/error.h"
#include "tinynas/quant/requantize.h"

namespace tinynas::engine {
namespace {

PackedLayer pack_softmax(const ir::Graph& graph, int index) {
  const ir::Shape& in = graph.in_shape(layer_at(graph, index));
  if (in.c > std::numeric_limits<std::int16_t>::max())
    throw UnsupportedError(fmt::format("{}: {} channels; the sum of exponentials fits 32 bits up to {}",
                                       ir::describe_layer(graph, index), in.c,
                                       std::numeric_limits<std::int16_t>::max()));
  const auto table = quant::softmax_table(graph, index);
  PackedLayer packed = layer_struct("tn_softmax_layer", {{"c", in.c}, {"w", in.w}});
  packed.arrays = {
      {.name = "exponentials", .type = "uint32_t", .values = {table.begin(), table.end()}, .align = 4}};
  return packed;
}

PackedLayer pack_log_softmax(const ir::Graph& graph, int index) {
  const ir::Layer& layer = layer_at(graph, index);
  const ir::Shape& in = graph.in_shape(layer);
  const auto table = quant::exponential_table(graph, index);
  const quant::LogSoftmaxSteps steps = quant::log_softmax_steps(graph, index);
  PackedLayer packed =
      layer_struct("tn_log_softmax_layer", {{"step", steps.step},
                                            {"log_step", steps.log_step},
                                            {"c", in.c},
                                            {"w", in.w},
                                            {"out_zero_point", output_zero_point(graph, layer)}});
  packed.arrays = {
      {.name = "exponentials", .type = "uint32_t", .values = {table.begin(), table.end()}, .align = 4}};
  return packed;
}

}  // namespace

std::span<const Packer> softmax_packers() {
  static constexpr std::array kRows = {
      Packer{"tn_softmax", pack_softmax},
      Packer{"tn_log_softmax", pack_log_softmax},
  };
  return kRows;
}

}  // namespace tinynas::engine
