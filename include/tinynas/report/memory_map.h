#pragma once

#include <optional>
#include <string>

#include "tinynas/core/units.h"
#include "tinynas/cost/device.h"
#include "tinynas/cost/schedule.h"
#include "tinynas/ir/graph.h"

namespace tinynas::report {

/// Which bytes of the arena are alive when: time in layers from left to right, segments marked, arena bytes
/// upwards; a box per tensor (a ring's box holds only the rows it keeps) and per kernel scratch.
std::string memory_map_svg(const ir::Graph& graph, const cost::Schedule& schedule, cost::KernelIsa isa);

}  // namespace tinynas::report
