#include "tinynas/cost/engines.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tinynas/core/error.h"

namespace tinynas::cost {

namespace {

/// What is published about an engine, as far as the network does not decide it. Sources: the STM32H743 tables
/// of the tinyengine repository (README, measurements of commit 0363956), for 11 networks.
struct EngineFacts {
  Engine engine;
  bool depthwise_in_place;  ///< output over input, a channel at a time
  bool pads_materialised;   ///< MCUNet's TFLite files hold a PAD before each convolution
  Bytes sram_per_channel;   ///< output multipliers and shifts in SRAM
  Bytes sram_fixed;         ///< interpreter and tensor structures
  Bytes code_bytes;
  double cycles_per_mac;  ///< on Cortex-M7; median over the networks
};
constexpr std::array kFacts = {
    // Flash was published 62.6 to 65.5 kB above the weights; 218 to 272 MMAC/s at 480 MHz.
    EngineFacts{Engine::kTinyEngine, true, false, 0, 0, 64 * kKiB, 2.05},
    // SRAM 14 to 22 kB (once 36) above padded tensors and 8 bytes a channel, Flash about 300 kB above the
    // weights.
    EngineFacts{Engine::kCmsisNn, false, true, 8, 18 * kKiB, 315 * kKiB, 4.1},
    EngineFacts{Engine::kTfliteMicro, false, true, 8, 18 * kKiB, 300 * kKiB, 46},
};

const EngineFacts& facts_of(Engine engine) {
  for (const EngineFacts& facts : kFacts)
    if (facts.engine == engine) return facts;
  check_failed("a baseline engine", "the engine of rows and rings is costed by Evaluator");
}

/// Cycles per MAC of other cores relative to the Cortex-M7: instructions per MAC are the same within 1 % on
/// DSP cores, which spend 1.39 cycles on each where it spends 0.67 (configs/cores); cores without DSP are not
/// modelled apart.
double slowdown(Core core) { return core == Core::kCortexM7 ? 1 : 1.39 / 0.67; }

bool is_convolution(const ir::Layer& layer) {
  return layer.op == ir::OpKind::kConv2d || layer.op == ir::OpKind::kDepthwiseConv2d;
}

Bytes padded_bytes(const ir::Shape& in, const ir::Layer& layer) {
  return Bytes{in.h + layer.pad_top + layer.pad_bottom} * (in.w + layer.pad_left + layer.pad_right) * in.c;
}

/// TinyEngine's im2col buffer: two columns of int16 for convolutions and dense layers, a padded plane of
/// int16 (2 bytes a value) for the depthwise convolution in place.
Bytes im2col_bytes(const ir::Graph& graph, const ir::Layer& layer) {
  const ir::Shape& in = graph.in_shape(layer);
  if (layer.op == ir::OpKind::kDepthwiseConv2d) return 2 * padded_bytes({in.h, in.w, 1}, layer);
  if (layer.op == ir::OpKind::kConv2d) return Bytes{4} * layer.kernel_h * layer.kernel_w * in.c;
  return layer.op == ir::OpKind::kDense ? Bytes{4} * in.c : 0;
}

/// And its copy of the weights of k x k convolutions as int16.
Bytes kernel_buffer_bytes(const ir::Graph& graph, const ir::Layer& layer) {
  const bool copied = layer.op == ir::OpKind::kConv2d && layer.kernel_h * layer.kernel_w > 1;
  return copied ? 2 * ir::layer_weights(graph, layer) : 0;
}

}  // namespace

Engine parse_engine(std::string_view name, std::string_view where) {
  for (std::size_t i = 0; i < kEngineNames.size(); ++i)
    if (kEngineNames[i] == name) return static_cast<Engine>(i);
  throw ConfigError(fmt::format("{}: unknown engine '{}'; did you mean '{}'? Known: {}", where, name,
                                nearest_word(name, kEngineNames), fmt::join(kEngineNames, ", ")));
}

BaselineEvaluator::BaselineEvaluator(Device device, Engine engine)
    : device_(std::move(device)), engine_(engine) {
  (void)facts_of(engine);
}

Footprint BaselineEvaluator::operator()(const ir::Graph& graph) {
  const EngineFacts& facts = facts_of(engine_);
  const auto at = [](int i) { return static_cast<std::size_t>(i); };
  last_reader_.assign(graph.tensors.size(), -1);
  for (std::size_t l = 0; l < graph.layers.size(); ++l)
    for (const int tensor : graph.layers[l].inputs)
      if (tensor >= 0) last_reader_[at(tensor)] = static_cast<int>(l);
  if (graph.has_several_ends())  // outputs live to the end; their readers end nothing
    for (int i = 0; i < graph.output_count(); ++i)
      last_reader_[at(graph.output_tensor(i))] = static_cast<int>(graph.layers.size());

  Footprint sum{.input_bytes = ir::input_elements(graph)};
  Bytes alive = sum.input_bytes, peak = 0, im2col = 0, kernel_buffer = 0, channels = 0;
  for (std::size_t l = 0; l < graph.layers.size(); ++l) {
    const ir::Layer& layer = graph.layers[l];
    const ir::LayerCounts counts = ir::layer_counts(graph, layer);
    const Bytes in = graph.in_shape(layer).bytes(), out = graph.out_shape(layer).bytes();
    Bytes dying = 0;
    for (const int tensor : layer.inputs)
      if (tensor >= 0 && last_reader_[at(tensor)] == static_cast<int>(l))
        dying += graph.tensors[at(tensor)].bytes();
    const bool in_place = facts.depthwise_in_place && layer.op == ir::OpKind::kDepthwiseConv2d && dying > 0;
    if (facts.pads_materialised && is_convolution(layer) && graph.in_shape(layer).h > 1) {
      const Bytes padded = padded_bytes(graph.in_shape(layer), layer);
      peak = std::max({peak, alive + padded, alive - dying + padded + out});
    } else {
      peak = std::max(peak, alive + (in_place ? std::max(out - in, Bytes{0}) : out));
    }
    alive += out - dying;
    im2col = std::max(im2col, im2col_bytes(graph, layer));
    kernel_buffer = std::max(kernel_buffer, kernel_buffer_bytes(graph, layer));
    sum.macs += counts.macs;
    sum.params += counts.weights + counts.biases;
    sum.flash_bytes += counts.weights + 8 * counts.biases;  // int8 weights; bias and scale of 4 bytes
    channels += counts.biases;
  }
  sum.activation_bytes = peak;
  sum.scratch_bytes = facts.depthwise_in_place ? im2col + kernel_buffer : 0;
  sum.arena_bytes = sum.activation_bytes + sum.scratch_bytes;
  sum.sram_bytes = sum.arena_bytes + facts.sram_per_channel * channels + facts.sram_fixed;
  sum.code_bytes = facts.code_bytes;
  sum.flash_bytes += sum.code_bytes;
  sum.latency_ms =
      static_cast<double>(sum.macs) * facts.cycles_per_mac * slowdown(device_.core) / device_.clock_hz * 1e3;
  sum.energy_mj = device_.active_power_w * sum.latency_ms;
  return sum;
}

}  // namespace tinynas::cost
