#include "tinynas/cost/footprint.h"

#include <numeric>

#include "cost/scratch.h"
#include "cost/sums.h"
#include "tinynas/core/index.h"
#include "tinynas/cost/cycles.h"
#include "tinynas/cost/kernels.h"
#include "tinynas/cost/patches.h"

namespace tinynas::cost {

Bytes engine_state_bytes(const ir::Graph& graph) {
  std::vector<Bytes> scratch;
  return LayerSummer(Core::kCortexM7, {})(graph, scratch).state_bytes;  // 32-bit cores have the same state
}

Bytes layer_constant_bytes(const ir::Graph& graph, const ir::Layer& layer, KernelIsa isa) {
  return kernel_for(graph, layer, isa).constant_bytes(graph, layer, isa);
}

namespace {

/// Cycles of every layer; those of patched layers are the sum over their strips.
std::vector<Cycles> cycles_of_layers(const ir::Graph& graph, const Schedule& schedule, const Device& device) {
  const CycleTable& table = device.cycles;
  const KernelIsa isa = core_info(device.core).isa;
  std::vector<Cycles> cycles(graph.layers.size(), 0);
  const auto patched = static_cast<std::size_t>(schedule.patches.layers);
  for (int strip = 0; strip < schedule.patches.columns && patched > 0; ++strip) {
    const ir::Graph narrow = strip_graph(graph, schedule.patches, strip);
    for (std::size_t l = 0; l < patched; ++l) cycles[l] += layer_cycles(table, narrow, narrow.layers[l], isa);
  }
  for (std::size_t l = patched; l < cycles.size(); ++l)
    cycles[l] = layer_cycles(table, graph, graph.layers[l], isa);
  return cycles;
}

}  // namespace

Footprint footprint(const ir::Graph& graph, const Schedule& schedule, const Device& device) {
  std::vector<Bytes> scratch;
  LayerSums sums = LayerSummer(device.core, device.cycles)(graph, scratch);
  if (schedule.patches.columns > 1) {
    const std::vector<Cycles> cycles = cycles_of_layers(graph, schedule, device);
    sums.cycles = std::accumulate(cycles.begin(), cycles.end(), Cycles{0});
  }
  Footprint sum = make_footprint(sums, schedule, device);
  sum.extra_macs = schedule.patches.extra_macs;
  return sum;
}

std::vector<LayerCost> layer_costs(const ir::Graph& graph, const Schedule& schedule, const Device& device) {
  constexpr double kMillisPerSecond = 1e3;
  const KernelIsa isa = core_info(device.core).isa;
  const std::vector<Cycles> cycles = cycles_of_layers(graph, schedule, device);
  std::vector<LayerCost> table;
  for (std::size_t l = 0; l < graph.layers.size(); ++l) {
    const ir::Layer& layer = graph.layers[l];
    table.push_back({.macs = ir::layer_macs(graph, layer),
                     .ring_bytes = schedule.tensors[at(layer.output)].rows *
                                   held_row_bytes(graph, schedule, layer.output),
                     .scratch_bytes = layer_scratch_bytes(graph, layer, isa),
                     .flash_bytes = layer_constant_bytes(graph, layer, isa),
                     .latency_ms = cycles[l] / device.clock_hz * kMillisPerSecond});
  }
  for (std::size_t s = 0; s < schedule.segments.size(); ++s)
    for (int l = schedule.segments[s].first; l <= schedule.segments[s].last; ++l)
      table[at(l)].segment = static_cast<int>(s);
  return table;
}

}  // namespace tinynas::cost
