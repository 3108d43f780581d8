#include "tinynas/cost/stack.h"

#include <algorithm>

#include "cost/kernels/kernel_stack.h"
#include "tinynas/core/error.h"
#include "tinynas/core/index.h"
#include "tinynas/cost/kernels.h"

namespace tinynas::cost {

Bytes stack_bytes(const ir::Graph& graph, Core core) {
  constexpr Bytes kModelFrames = 96;  // NAME_push_row, segment_N and tN_step, without the rows of a window
  constexpr Bytes kPointer = 4;
  Bytes most = 0;
  for (const ir::Layer& layer : graph.layers) {
    const Kernel& kernel = kernel_for(graph, layer, core_info(core).isa);
    const auto row = std::ranges::find(kKernelStack, kernel.name, &KernelStack::name);
    TINYNAS_CHECK(row != kKernelStack.end(), "the stack of every kernel is known");
    most = std::max(most, row->bytes[static_cast<std::size_t>(core)] + kPointer * layer.kernel_h);
  }
  return kModelFrames + most;
}

}  // namespace tinynas::cost
