#pragma once

#include <span>

#include "tinynas/cost/kernel.h"
#include "tinynas/ir/graph.h"

namespace tinynas::cost {

/// The kernel register: one row per row-kernel of engine/c. The planner, the Flash and latency models and the
/// code generator ask here and never guess; engine/ supplies the packing behind each row and a test holds
/// them together. In order of preference: the first row that a core can use and that matches a layer is its
/// kernel.
std::span<const Kernel> kernel_register();
/// Place of a row of the register in it.
inline std::size_t kernel_index(const Kernel& kernel) {
  return static_cast<std::size_t>(&kernel - kernel_register().data());
}
/// Throws UnsupportedError naming the layer if no kernel matches.
const Kernel& kernel_for(const ir::Graph& graph, const ir::Layer& layer, KernelIsa isa = KernelIsa::kDsp);

}  // namespace tinynas::cost
