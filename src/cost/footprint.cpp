#include "tinynas/cost/footprint.h"

#include "sums.h"
#include "tinynas/cost/cycles.h"
#include "units.h"

namespace tinynas::cost {

Bytes engine_state_bytes(const ir::Graph& graph) {
  std::vector<Bytes> scratch;
  return sum_layers(graph, Core::kCortexM7, {}, scratch).state_bytes;  // 32-bit cores have the same state
}

Bytes layer_constant_bytes(const ir::Graph& graph, const ir::Layer& layer, KernelIsa isa) {
  return kernel_for(graph, layer).constant_bytes(graph, layer, isa);
}

Footprint footprint(const ir::Graph& graph, const Schedule& schedule, const Device& device) {
  std::vector<Bytes> scratch;
  return make_footprint(sum_layers(graph, device.core, device.cycles, scratch), schedule, device);
}

std::vector<LayerCost> layer_costs(const ir::Graph& graph, const Schedule& schedule, const Device& device) {
  constexpr double kMillisPerSecond = 1e3;
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
