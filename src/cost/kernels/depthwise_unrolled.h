#pragma once

#include <optional>

#include "tinynas/cost/core.h"
#include "tinynas/cost/unrolled.h"
#include "tinynas/ir/graph.h"

namespace tinynas::cost {

/// Can the biases of a square depthwise layer be packed? Before quantization: yes.
bool packs_biases(const ir::Graph& graph, const ir::Layer& layer);

/// Code for the width of a depthwise layer on DSP cores. Its numbers: kernel, stride, input's width, padding
/// on the left, output's width.
std::optional<UnrolledCode> depthwise_code(const ir::Graph& graph, const ir::Layer& layer, KernelIsa isa);

}  // namespace tinynas::cost
