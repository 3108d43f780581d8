#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "tinynas/core/units.h"
#include "tinynas/cost/device.h"
#include "tinynas/cost/terms.h"
#include "tinynas/ir/graph.h"

namespace tinynas::cost {

/// text + rodata of a function per core, measured with the flags of the generated Makefile
/// (benchmarks/mcu/code_bytes.py prints and checks them).
using CodeBytes = std::array<int, static_cast<std::size_t>(Core::kCount)>;

/// A helper that several kernels call: linked once.
struct SharedCode {
  std::string_view name;
  CodeBytes code_bytes;
};

/// The kernel register: one row per row-kernel of engine/c. The planner, the Flash and latency models and the
/// code generator ask here and never guess; engine/ supplies the function behind each row and a test holds
/// them together.
struct Kernel {
  std::string_view name;  ///< the C function: "tn_conv1x1"; for the global pool the stem of _row and _end
  std::string_view file;  ///< its source below engine/c: a file is linked when a kernel of it is used
  ir::OpKind op;
  /// Can this kernel compute the layer, one of its operation?
  bool (*matches)(const ir::Graph&, const ir::Layer&);
  /// Scratch the layer needs while it runs, bytes, multiple of 4. For kGlobalAveragePool the running sums,
  /// which live for the whole segment.
  Bytes (*scratch_bytes)(const ir::Graph&, const ir::Layer&, KernelIsa);
  /// Bytes of constant data the generator emits for the layer: packed weights, biases, multipliers, the layer
  /// struct.
  Bytes (*constant_bytes)(const ir::Graph&, const ir::Layer&, KernelIsa);
  /// How often each term of its cycles happens in the layer (cost/terms.h).
  LayerWork (*work)(const ir::Graph&, const ir::Layer&, KernelIsa);
  /// The kernel itself, without what it shares.
  CodeBytes code_bytes;
  /// text of one emitted step function that calls it (Thumb-2; the M0+ column of the model adds its own
  /// factor).
  int call_bytes;
  /// What it uses besides: bit i is shared_code()[i].
  std::uint32_t shared = 0;
  /// Cores with less are served by a later row, whose constant data is packed otherwise.
  KernelIsa least_isa = KernelIsa::kPortable;
};

/// In order of preference: the first row that a core can use and that matches a layer is its kernel.
std::span<const Kernel> kernel_register();
std::span<const SharedCode> shared_code();
/// Throws UnsupportedError naming the layer if no kernel matches.
const Kernel& kernel_for(const ir::Graph& graph, const ir::Layer& layer, KernelIsa isa = KernelIsa::kDsp);
/// text + rodata of every kernel the graph uses, each (and what they share) once.
Bytes kernel_code_bytes(const ir::Graph& graph, Core core);

}  // namespace tinynas::cost
