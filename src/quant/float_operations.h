#pragma once

#include <span>
#include <vector>

#include "tinynas/ir/graph.h"

namespace tinynas::quant {

/// An operation without weights on real values [H, W, C], activation not included.
std::vector<float> run_plain(const ir::Graph& graph, const ir::Layer& layer, std::span<const float> first,
                             std::span<const float> second);

}  // namespace tinynas::quant
