#pragma once

#include <functional>

#include "tinynas/cost/schedule.h"
#include "tinynas/ir/graph.h"

namespace tinynas::cost {

/// What happens while a schedule runs, in the engine's order.
struct PlayListener {
  /// Row `row` of the network's input has arrived.
  std::function<void(int row)> pushed;
  /// A layer makes row `row` of its output; a global pool takes in row `row` of its input, and makes its only
  /// row with the last.
  std::function<void(int layer, int row)> step;
  /// A segment begins.
  std::function<void(int segment)> segment = [](int) {};
};

/// Runs a schedule row by row: whatever is nearest the segment's output and ready makes a row, until nothing
/// is; then the next row of the input arrives. A frame that is held arrives before anything runs.
void play(const ir::Graph& graph, const Schedule& schedule, const PlayListener& listener);

}  // namespace tinynas::cost
