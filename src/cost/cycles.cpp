#include "tinynas/cost/cycles.h"

#include "cycle_terms.h"
#include "tinynas/core/error.h"
#include "tinynas/cost/kernels.h"
#include "tinynas/cost/unrolled.h"

namespace tinynas::cost {

LayerWork layer_work(const ir::Graph& graph, const ir::Layer& layer) {
  return work_with(ir::layer_macs(graph, layer), graph, layer);
}

Cycles cycles_of(const CycleTerms& terms, const LayerWork& work) { return linear_cycles(terms, work); }

std::string cycle_row_name(std::size_t row) {
  const char* const forms[kCycleRows] = {"", "_s2", "_unrolled", "_unrolled_s2"};
  return std::string(kernel_register()[row / kCycleRows].name) + forms[row % kCycleRows];
}

std::size_t cycle_row_for(const ir::Graph& graph, const ir::Layer& layer, KernelIsa isa) {
  const auto kernel = static_cast<std::size_t>(&kernel_for(graph, layer, isa) - kernel_register().data());
  const bool unrolled = unrolled_code(graph, layer, isa).has_value();
  return cycle_row(kernel, layer, unrolled ? KernelCodeForm::kUnrolled : KernelCodeForm::kPlain);
}

Cycles layer_cycles(const CycleTable& table, const ir::Graph& graph, const ir::Layer& layer, KernelIsa isa) {
  if (table.empty()) return 0;
  const std::size_t row = cycle_row_for(graph, layer, isa);
  TINYNAS_CHECK(row < table.size(), "a cycle table has four rows per kernel of the register");
  return linear_cycles(table[row], layer_work(graph, layer));
}

}  // namespace tinynas::cost
