#pragma once

#include <string>
#include <vector>

#include "tinynas/ir/graph.h"
#include "tinynas/space/search_space.h"

namespace tinynas::space {

/// Refills `graph` (shapes and layers only; the optional parts are cleared) with the network `genome` names.
/// Reuses the graph's memory: allocates nothing once it has grown. Layers in order: stem conv (ReLU6); [first
/// block: depthwise 3x3 ReLU6, 1x1]; the blocks (written by their rows of space/blocks.cpp), each with its
/// input added where its stride is 1 and its channels do not change; [mix 1x1 ReLU6]; global average pool;
/// dense. Padding is kernel / 2 on all sides, but none where a block pools. ConfigError if the genome is not
/// of the space.
void lower(const SearchSpace& space, const Task& task, const Genome& genome, ir::Graph& graph);

/// The same with Graph::names filled: "stem", "first.depthwise", "first.project", "stage0.block0.expand",
/// ".depthwise", ".project", ".add", "mix", "pool", "classifier".
ir::Graph lower_named(const SearchSpace& space, const Task& task, const Genome& genome);

/// Middle channels of a block: scaled in-channels times expansion, rounded to the divisor.
int middle_channels(const SearchSpace& space, int in_channels, double expansion);

}  // namespace tinynas::space
