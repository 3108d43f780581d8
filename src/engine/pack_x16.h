#pragma once

#include "tinynas/engine/pack.h"

namespace tinynas::engine {

/// Packs a 1x1 convolution or a dense layer for tn_conv1x1_x16 and tn_dense_x16: plain rows of weights.
PackedLayer pack_x16(const ir::Graph& graph, int layer);

}  // namespace tinynas::engine
