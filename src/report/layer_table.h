#pragma once

#include <vector>

#include "tinynas/cost/footprint.h"
#include "tinynas/cost/schedule.h"
#include "tinynas/ir/graph.h"
#include "tinynas/report/table.h"

namespace tinynas::report {

/// "stage2.block1.expand", or "layer 7" in a graph without names.
std::string layer_name(const ir::Graph& graph, int layer);
/// "depthwise 5x5 s2".
std::string operation(const ir::Layer& layer);

/// The layers as a table, one row each: name, operation, output, segment, kept rows, MACs, SRAM, scratch,
/// Flash, latency; sums at the foot.
Table layer_table(const ir::Graph& graph, const cost::Schedule& schedule,
                  const std::vector<cost::LayerCost>& costs);

}  // namespace tinynas::report
