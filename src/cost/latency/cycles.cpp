#include "tinynas/cost/cycles.h"

#include <algorithm>

#include "tinynas/core/error.h"
#include "tinynas/cost/kernels.h"

namespace tinynas::cost {

LayerWork layer_work(const ir::Graph& graph, const ir::Layer& layer, KernelIsa isa) {
  return kernel_for(graph, layer, isa).work(graph, layer, isa);
}

std::string cycle_row_name(std::size_t row) {
  const char* const forms[kCycleRows] = {"", "_unrolled"};
  return std::string(kernel_register()[row / kCycleRows].name) + forms[row % kCycleRows];
}

std::size_t cycle_row_for(const ir::Graph& graph, const ir::Layer& layer, KernelIsa isa) {
  const Kernel& kernel = kernel_for(graph, layer, isa);
  const auto code = kernel.unrolled(graph, layer, isa);
  const bool unrolled = code && code->form->has_cycle_row;
  return cycle_row(kernel_index(kernel), unrolled ? KernelCodeForm::kUnrolled : KernelCodeForm::kPlain);
}

std::vector<UnfittedKernel> unfitted_kernels(const CycleTable& table, const ir::Graph& graph, KernelIsa isa) {
  std::vector<UnfittedKernel> unfitted;
  for (const ir::Layer& layer : graph.layers) {
    if (table.empty() || table.at(cycle_row_for(graph, layer, isa)).fitted) continue;
    const std::string_view name = kernel_for(graph, layer, isa).name;
    const auto known = std::find_if(unfitted.begin(), unfitted.end(),
                                    [&](const UnfittedKernel& kernel) { return kernel.name == name; });
    ++(known == unfitted.end() ? unfitted.emplace_back(UnfittedKernel{.name = name}) : *known).layers;
  }
  return unfitted;
}

Cycles layer_cycles(const CycleTable& table, const ir::Graph& graph, const ir::Layer& layer, KernelIsa isa) {
  if (table.empty()) return 0;
  const std::size_t row = cycle_row_for(graph, layer, isa);
  TINYNAS_CHECK(row < table.size(), "a cycle table has two rows per kernel of the register");
  return cycles_of(table[row], layer_work(graph, layer, isa));
}

}  // namespace tinynas::cost
