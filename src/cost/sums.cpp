#include "sums.h"

#include "cycle_terms.h"
#include "tinynas/core/error.h"
#include "tinynas/cost/emitted_code.h"
#include "tinynas/cost/unrolled.h"
#include "units.h"

namespace tinynas::cost {

namespace {

constexpr double kMillisPerSecond = 1e3;

/// const tn_tensor of the C runtime (offset, row_bytes, rows, height); it is linked where a window of rows is
/// read.
constexpr Bytes kTensorStructBytes = 12;
/// A generated model counts the rows made of each tensor and those taken in by each global pool.
constexpr Bytes kRowCounterBytes = 2;

/// Which rows of the kernel register, and which shared helpers, a graph uses.
class UsedCode {
 public:
  void add(const Kernel& kernel, std::size_t row) {
    rows_ |= std::uint64_t{1} << row;
    shared_ |= kernel.shared;
  }
  Bytes bytes(Core core) const {
    const auto column = static_cast<std::size_t>(core);
    Bytes bytes = 0;
    for (std::size_t i = 0; i < kernel_register().size(); ++i)
      if (rows_ >> i & 1) bytes += kernel_register()[i].code_bytes[column];
    for (std::size_t i = 0; i < shared_code().size(); ++i)
      if (shared_ >> i & 1) bytes += shared_code()[i].code_bytes[column];
    return bytes;
  }

 private:
  std::uint64_t rows_ = 0, shared_ = 0;
};

}  // namespace

LayerSums sum_layers(const ir::Graph& graph, Core core, const CycleTable& cycles, UnrolledSizes& unrolled,
                     std::vector<Bytes>& scratch) {
  const KernelIsa isa = core_info(core).isa;
  const Kernel* const kernels = kernel_register().data();
  const auto tensors = static_cast<Bytes>(graph.tensors.size());
  LayerSums sums{.code_bytes = kRuntimeCodeBytes, .state_bytes = kRowCounterBytes * tensors};
  UsedCode used;
  unrolled.begin();
  scratch.clear();
  for (const ir::Layer& layer : graph.layers) {
    const Kernel& kernel = kernel_for(graph, layer, isa);
    const auto row = static_cast<std::size_t>(&kernel - kernels);
    const ir::LayerCounts counts = ir::layer_counts(graph, layer);
    used.add(kernel, row);
    scratch.push_back(align_up(kernel.scratch_bytes(graph, layer, isa)));
    sums.macs += counts.macs;
    sums.params += counts.weights + counts.biases;
    sums.constant_bytes += kernel.constant_bytes(graph, layer, isa);
    if (layer.kernel_h > 1) sums.constant_bytes += kTensorStructBytes;
    sums.code_bytes += kernel.call_bytes;
    KernelCodeForm form = KernelCodeForm::kPlain;
    if (const auto code = unrolled_code(graph, layer, isa)) {
      sums.code_bytes += unrolled.add(*code);
      form = KernelCodeForm::kUnrolled;
    }
    if (layer.op == ir::OpKind::kGlobalAveragePool) sums.state_bytes += kRowCounterBytes;
    if (!cycles.empty())
      sums.cycles += linear_cycles(cycles[cycle_row(row, layer, form)], work_with(counts.macs, graph, layer));
  }
  sums.code_bytes += used.bytes(core);
  return sums;
}

void layer_scratch(const ir::Graph& graph, KernelIsa isa, std::vector<Bytes>& scratch) {
  scratch.clear();
  for (const ir::Layer& layer : graph.layers) scratch.push_back(layer_scratch_bytes(graph, layer, isa));
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
