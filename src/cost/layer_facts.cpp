#include "cost/layer_facts.h"

#include "cost/emitted_code.h"
#include "cost/scratch.h"
#include "tinynas/cost/cycles.h"
#include "tinynas/cost/kernels.h"

namespace tinynas::cost {

namespace {

/// const tn_tensor of the C runtime (offset, row_bytes, rows, height); it is linked where a window of rows is
/// read.
constexpr Bytes kTensorStructBytes = 12;

}  // namespace

LayerFacts layer_facts(const ir::Graph& graph, const ir::Layer& layer, Core core, const CycleTable& cycles,
                       UnrolledSizes& unrolled) {
  const KernelIsa isa = core_info(core).isa;
  const Kernel& kernel = kernel_for(graph, layer, isa);
  const ir::LayerCounts counts = ir::layer_counts(graph, layer);
  LayerFacts facts{.macs = counts.macs,
                   .params = counts.weights + counts.biases,
                   .constant_bytes = kernel.constant_bytes(graph, layer, isa),
                   .scratch_bytes = align_up(kernel.scratch_bytes(graph, layer, isa)),
                   .kernel = static_cast<std::uint8_t>(kernel_index(kernel)),
                   .call_bytes = static_cast<std::int16_t>(step_bytes(kernel.step, core))};
  if (layer.kernel_h > 1) facts.constant_bytes += kTensorStructBytes;
  if (const auto code = kernel.unrolled(graph, layer, isa)) facts.unrolled = unrolled.number_of(*code);
  facts.cycles = layer_cycles(cycles, graph, layer, isa);
  return facts;
}

}  // namespace tinynas::cost
