#pragma once

#include "tinynas/cost/schedule.h"
#include "tinynas/ir/graph.h"

namespace tinynas::cost {

/// The graph whose tensors inside the patched layers are as wide as strip number `strip` of them; without
/// patches, the graph itself.
ir::Graph strip_graph(const ir::Graph& graph, const Patches& patches, int strip);
/// MACs of all strips beyond those of the layers.
Macs patch_extra_macs(const ir::Graph& graph, const Patches& patches);
/// Bytes of a row as the arena holds it: of the widest strip for tensors inside patched layers.
Bytes held_row_bytes(const ir::Graph& graph, const Schedule& schedule, int tensor);

}  // namespace tinynas::cost
