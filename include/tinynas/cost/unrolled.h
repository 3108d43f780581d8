#pragma once

#include <optional>

#include "tinynas/core/units.h"
#include "tinynas/cost/device.h"
#include "tinynas/ir/graph.h"

namespace tinynas::cost {

/// Numbers for which a depthwise kernel is unrolled on DSP cores (engine/c/tinynas_depthwise_unrolled.h).
/// Layers with the same numbers share the code.
struct UnrolledShape {
  int kernel = 0, stride = 0, in_w = 0, pad_left = 0, out_w = 0;
  bool operator==(const UnrolledShape&) const = default;
};

/// Of a layer that has such code on a DSP core: 3x3, 5x5 and 7x7, of usual padding and not too wide.
std::optional<UnrolledShape> unrolled_shape(const ir::Graph& graph, const ir::Layer& layer, KernelIsa isa);

/// Exactly the bytes the assembler makes of it.
Bytes unrolled_bytes(const UnrolledShape& shape);

/// All unrolled code of a network, each shape once.
Bytes unrolled_code_bytes(const ir::Graph& graph, KernelIsa isa);

}  // namespace tinynas::cost
