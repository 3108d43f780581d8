#include "tinynas/cost/footprint.h"

#include "tinynas/cost/cost.h"
#include "tinynas/cost/cycles.h"
#include "tinynas/cost/kernels.h"
#include "units.h"

namespace tinynas::cost {

namespace {

constexpr double kMillisPerSecond = 1e3;

/// text of init, push_row, run and of the row arithmetic of a generated model (engine's C writer).
constexpr Bytes kRuntimeCodeBytes = 300;

bool is_pool(const ir::Layer& layer) { return layer.op == ir::OpKind::kGlobalAveragePool; }

Bytes call_bytes(const ir::Graph& graph) {
  Bytes bytes = kRuntimeCodeBytes;
  for (const ir::Layer& layer : graph.layers) bytes += kernel_for(graph, layer).call_bytes;
  return bytes;
}

}  // namespace

Bytes engine_state_bytes(const ir::Graph& graph) {
  constexpr Bytes kCounterBytes = 2;
  Bytes counters = static_cast<Bytes>(graph.tensors.size());
  for (const ir::Layer& layer : graph.layers) counters += is_pool(layer);
  return kCounterBytes * counters;
}

Bytes layer_constant_bytes(const ir::Graph& graph, const ir::Layer& layer, KernelIsa isa) {
  return kernel_for(graph, layer).constant_bytes(graph, layer, isa);
}

Footprint footprint(const ir::Graph& graph, const Schedule& schedule, const Device& device) {
  Footprint sum;
  Cycles cycles = 0;
  const KernelIsa isa = core_info(device.core).isa;
  for (const ir::Layer& layer : graph.layers) {
    sum.macs += ir::layer_macs(graph, layer);
    sum.params += ir::layer_weights(graph, layer) + ir::layer_biases(graph, layer);
    sum.flash_bytes += layer_constant_bytes(graph, layer, isa);
    cycles += layer_cycles(device.cycles, graph, layer);
  }
  sum.code_bytes = kernel_code_bytes(graph, device.core) + call_bytes(graph);
  sum.flash_bytes += sum.code_bytes;
  sum.arena_bytes = schedule.arena_bytes;
  sum.activation_bytes = schedule.activation_bytes;
  sum.scratch_bytes = schedule.scratch_bytes;
  sum.input_bytes = schedule.input_bytes;
  sum.sram_bytes = schedule.arena_bytes + engine_state_bytes(graph);
  sum.latency_ms = cycles / device.clock_hz * kMillisPerSecond;
  sum.energy_mj = device.active_power_w * sum.latency_ms;  // W * ms = mJ
  return sum;
}

std::vector<LayerCost> layer_costs(const ir::Graph& graph, const Schedule& schedule, const Device& device) {
  const KernelIsa isa = core_info(device.core).isa;
  std::vector<LayerCost> table;
  for (const ir::Layer& layer : graph.layers) {
    const auto output = static_cast<std::size_t>(layer.output);
    table.push_back(
        {.macs = ir::layer_macs(graph, layer),
         .ring_bytes = schedule.tensors[output].rows * graph.tensors[output].row_bytes(),
         .scratch_bytes = layer_scratch_bytes(graph, layer, isa),
         .flash_bytes = layer_constant_bytes(graph, layer, isa),
         .latency_ms = layer_cycles(device.cycles, graph, layer) / device.clock_hz * kMillisPerSecond});
  }
  for (std::size_t s = 0; s < schedule.segments.size(); ++s)
    for (int l = schedule.segments[s].first; l <= schedule.segments[s].last; ++l)
      table[static_cast<std::size_t>(l)].segment = static_cast<int>(s);
  return table;
}

}  // namespace tinynas::cost
