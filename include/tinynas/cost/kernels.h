#pragma once

#include <array>
#include <span>
#include <string_view>

#include "tinynas/core/units.h"
#include "tinynas/cost/device.h"
#include "tinynas/ir/graph.h"

namespace tinynas::cost {

/// The kernel register: one row per row-kernel of engine/c. The planner, the Flash and latency models and the
/// code generator ask here and never guess; engine/ supplies the function behind each row and a test holds
/// them together.
struct Kernel {
  std::string_view name;  ///< the C function: "tn_conv1x1_s8"
  std::string_view file;  ///< its source below engine/c: a file is linked when a kernel of it is used
  /// Can this kernel compute the layer?
  bool (*matches)(const ir::Graph&, const ir::Layer&);
  /// Scratch the layer needs while it runs, bytes, multiple of 4. For kGlobalAveragePool also the running
  /// sums, which live for the whole segment.
  Bytes (*scratch_bytes)(const ir::Graph&, const ir::Layer&, KernelIsa);
  /// Bytes of constant data the generator emits for the layer: packed weights, biases, multipliers, the layer
  /// struct.
  Bytes (*constant_bytes)(const ir::Graph&, const ir::Layer&, KernelIsa);
  /// text + rodata of the kernel itself, measured with the release flags, per core.
  std::array<int, static_cast<std::size_t>(Core::kCount)> code_bytes;
  /// text of one emitted step function that calls it (Thumb-2; the M0+ column of the model adds its own
  /// factor).
  int call_bytes;
};

/// In order of preference: the first row that matches a layer is its kernel.
std::span<const Kernel> kernel_register();
/// Throws UnsupportedError naming the layer if no kernel matches.
const Kernel& kernel_for(const ir::Graph& graph, const ir::Layer& layer);

}  // namespace tinynas::cost
