#pragma once

#include "tinynas/cost/core.h"
#include "tinynas/ir/graph.h"

namespace tinynas::cost {

/// Bytes of stack that the generated C needs below its caller, at most, as GCC 12 -O2 compiles it: the
/// deepest kernel (benchmarks/mcu/stack_bytes.py) and the functions of model.c above it. Interrupts come on
/// top.
Bytes stack_bytes(const ir::Graph& graph, Core core);

}  // namespace tinynas::cost
