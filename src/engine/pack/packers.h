#pragma once

#include <array>
#include <span>
#include <string_view>

#include "engine/pack/fields.h"

namespace tinynas::engine {

/// How the layers of a kernel are packed.
struct Packer {
  std::string_view kernel;  ///< a name in the kernel register
  PackedLayer (*pack)(const ir::Graph& graph, int layer);
};

/// One packer for each row of the kernel register, by the same families.
std::span<const Packer> conv_packers();
std::span<const Packer> conv_x16_packers();
std::span<const Packer> depthwise_packers();
std::span<const Packer> depthwise_tiles_packers();
std::span<const Packer> add_packers();
std::span<const Packer> pool_packers();
std::span<const Packer> pool_window_packers();
std::span<const Packer> mul_packers();
std::span<const Packer> concat_packers();
std::span<const Packer> resize_packers();
std::span<const Packer> move_packers();
std::span<const Packer> softmax_packers();
std::span<const Packer> lookup_packers();
std::span<const Packer> depth_to_space_packers();
std::span<const Packer> extreme_packers();

}  // namespace tinynas::engine
