#pragma once

#include <vector>

#include "tinynas/cost/footprint.h"

namespace tinynas::cost {

/// How long firmware works on the rows that it is given, estimated. Rows differ: some make no layer work, and
/// after the last one come all segments but the first. The worst before it is the shortest time from one line
/// of a camera to the next; after the last line cameras pause.
struct RowTimes {
  Millis median = 0, worst = 0;
  int worst_row = 0;
  Millis worst_before_last = 0;  ///< 0 if there is one row only
};
/// `layers` is layer_costs() of the same graph and schedule; a layer's latency is spread evenly over its
/// rows.
RowTimes row_times(const ir::Graph& graph, const Schedule& schedule, const std::vector<LayerCost>& layers);

}  // namespace tinynas::cost
