#pragma once

#include <string_view>

#include "tinynas/engine/pack.h"

namespace tinynas::engine {

/// Packs a layer without weights for the kernel `function`: pools with a window, products, concat, resize,
/// softmax.
PackedLayer pack_plain(const ir::Graph& graph, int layer, std::string_view function);

}  // namespace tinynas::engine
