#pragma once

#include "tinynas/ir/graph.h"

namespace tinynas::quant {

/// The tensor of the network's scores: its output, or what a last softmax or sigmoid makes it of. The largest
/// decides, so that these are not clipped; and where shares are close to 0 and 1, only they tell two int8
/// forms apart.
int scores_of(const ir::Graph& graph);

}  // namespace tinynas::quant
