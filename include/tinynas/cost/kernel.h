#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "tinynas/core/units.h"
#include "tinynas/cost/core.h"
#include "tinynas/cost/terms.h"
#include "tinynas/cost/unrolled.h"
#include "tinynas/ir/graph.h"

namespace tinynas::cost {

/// text + rodata of a function per core, measured with the flags of the generated Makefile
/// (benchmarks/mcu/code_bytes.py prints and checks them).
using CodeBytes = std::array<int, static_cast<std::size_t>(Core::kCount)>;

/// How a step of the generated code calls a kernel: what stands between the layer struct and the output row.
enum class Step : std::uint8_t {
  kWindow,     ///< fn(&l, rows, out, scratch): kernel_h rows, NULL outside the image
  kUnit,       ///< fn(&l, rows, out, scratch): always one row, inside the image
  kRow,        ///< fn(&l, in, out, scratch)
  kTwoRows,    ///< fn(&l, a, b, out)
  kEitherRow,  ///< fn(&l, a, b, out): one of the two, the other is NULL
  kGroup,      ///< fn(&l, rows, part, out): kernel_h rows, which become stride_h; this is row `part` of those
  kPool,       ///< fn_begin(&l, sums), fn_row(&l, in, sums) for every input row, then fn_end(&l, sums, out)
  kCount
};

inline Bytes no_scratch(const ir::Graph&, const ir::Layer&, KernelIsa) { return 0; }
inline std::optional<UnrolledCode> never_unrolled(const ir::Graph&, const ir::Layer&, KernelIsa) {
  return std::nullopt;
}

/// A row of the kernel register: all that is known of a row-kernel of engine/c.
struct Kernel {
  std::string_view name;  ///< the C function: "tn_conv1x1"; for Step::kPool the stem of its three functions
  std::string_view file;  ///< its source below engine/c: a file is linked when a kernel of it is used
  ir::OpKind op;
  Step step;
  /// Can this kernel compute the layer, one of its operation?
  bool (*matches)(const ir::Graph&, const ir::Layer&);
  /// Scratch the layer needs while it runs, bytes, multiple of 4. For kGlobalAveragePool the running sums,
  /// which live for the whole segment.
  Bytes (*scratch_bytes)(const ir::Graph&, const ir::Layer&, KernelIsa) = no_scratch;
  /// Bytes of constant data the generator emits for the layer: packed weights, biases, multipliers, the layer
  /// struct.
  Bytes (*constant_bytes)(const ir::Graph&, const ir::Layer&, KernelIsa);
  /// How often each term of its cycles happens in the layer (cost/terms.h).
  LayerWork (*work)(const ir::Graph&, const ir::Layer&, KernelIsa);
  /// The code that is made for the layer's sizes on cores of this form, if there is any.
  std::optional<UnrolledCode> (*unrolled)(const ir::Graph&, const ir::Layer&, KernelIsa) = never_unrolled;
  /// The kernel itself, without what it shares: from the table of measured code.
  CodeBytes code_bytes{};
  /// What it shares with other kernels, a bit for each row of the table of shared code; made from names.
  std::uint32_t shared = 0;
  /// Cores with less are served by a later row, whose constant data is packed otherwise.
  KernelIsa least_isa = KernelIsa::kPortable;
};

}  // namespace tinynas::cost
