#pragma once

#include <string_view>

#include "tinynas/engine/pack.h"

namespace tinynas::engine {

/// Packs a convolution or a dense layer for the kernel `function`, a tn_*_x16: plain rows of weights.
PackedLayer pack_x16(const ir::Graph& graph, int layer, std::string_view function);
/// Packs a depthwise layer for tn_depthwise_tiles_*: weights by columns.
PackedLayer pack_depthwise_tiles(const ir::Graph& graph, int layer);

}  // namespace tinynas::engine
