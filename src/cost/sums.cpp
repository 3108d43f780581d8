#include "cost/sums.h"

#include <bit>

#include "cost/emitted_code.h"
#include "cost/kernels/family.h"
#include "tinynas/cost/kernels.h"
#include "tinynas/ir/ops.h"

namespace tinynas::cost {

namespace {

constexpr double kMillisPerSecond = 1e3;

/// A generated model counts the rows made of each tensor and those taken in by each global pool, and knows
/// where row 0 lies in a ring that keeps rows of earlier calls.
constexpr Bytes kRowCounterBytes = 2;

void add_ends(LayerSums& sums, const ir::Graph& graph, Core core) {
  const auto inputs = static_cast<Bytes>(graph.other_inputs.size());
  sums.code_bytes += bytes_on(kOutputAtCode, core) + inputs * bytes_on(kInputCounterCode, core);
  if (inputs > 0) sums.code_bytes += bytes_on(kSetInputCode, core);
  sums.constant_bytes += kInputEntryBytes * inputs + kOutputEntryBytes * Bytes{graph.output_count()};
}

/// Where row 0 lies in each ring that lives from call to call, and the windows over them.
void add_streams(LayerSums& sums, const ir::Graph& graph, Core core) {
  for (int t = 0; t < graph.tensor_count(); ++t)
    if (ir::history(graph, t) > 0) sums.state_bytes += kRowCounterBytes;
  for (const ir::Layer& layer : graph.layers)
    if (ir::op_info(layer.op).windowed && ir::history(graph, layer.inputs[0]) > 0)
      sums.code_bytes += bytes_on(kStreamWindowCode, core);
}

/// Code of the kernels in `rows`, a bit for each row of the register, and of what they share, each once.
Bytes code_of_kernels(std::uint64_t rows, Core core) {
  const auto column = static_cast<std::size_t>(core);
  Bytes bytes = 0;
  std::uint32_t shared = 0;
  for (; rows != 0; rows &= rows - 1) {
    const Kernel& kernel = kernel_register()[static_cast<std::size_t>(std::countr_zero(rows))];
    bytes += kernel.code_bytes[column];
    shared |= kernel.shared;
  }
  return bytes + shared_code_bytes(shared, core);
}

}  // namespace

LayerSums LayerSummer::operator()(const ir::Graph& graph, std::vector<Bytes>& scratch) {
  LayerSums sums{.code_bytes = bytes_on(kRuntimeCode, core_),
                 .state_bytes = kRowCounterBytes * static_cast<Bytes>(graph.tensors.size())};
  std::uint64_t kernels = 0;
  known_.unrolled().begin();
  scratch.resize(graph.layers.size());
  for (std::size_t l = 0; l < graph.layers.size(); ++l) {
    const ir::Layer& layer = graph.layers[l];
    const LayerFacts& facts = known_.facts(graph, layer);
    scratch[l] = facts.scratch_bytes;
    kernels |= std::uint64_t{1} << facts.kernel;
    sums.macs += facts.macs;
    sums.params += facts.params;
    sums.constant_bytes += facts.constant_bytes;
    sums.code_bytes += facts.call_bytes;
    sums.cycles += facts.cycles;
    if (facts.unrolled != LayerFacts::kPlain) sums.code_bytes += known_.unrolled().count(facts.unrolled);
    if (layer.op == ir::OpKind::kGlobalAveragePool) sums.state_bytes += kRowCounterBytes;
  }
  if (ir::is_streaming(graph)) add_streams(sums, graph, core_);
  sums.code_bytes += code_of_kernels(kernels, core_);
  if (graph.has_several_ends()) add_ends(sums, graph, core_);
  return sums;
}

Footprint make_footprint(const LayerSums& sums, const Schedule& schedule, const Device& device) {
  Footprint sum{.macs = sums.macs, .params = sums.params};
  sum.arena_bytes = schedule.arena_bytes;
  sum.activation_bytes = schedule.activation_bytes;
  sum.scratch_bytes = schedule.scratch_bytes;
  sum.input_bytes = schedule.input_bytes;
  sum.sram_bytes = schedule.arena_bytes + sums.state_bytes;
  sum.code_bytes = sums.code_bytes;
  sum.flash_bytes = sums.constant_bytes + sums.code_bytes;
  sum.latency_ms = sums.cycles / device.clock_hz * kMillisPerSecond;
  sum.energy_mj = device.active_power_w * sum.latency_ms;  // W * ms = mJ
  return sum;
}

}  // namespace tinynas::cost
