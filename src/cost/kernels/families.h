#pragma once

#include <span>

#include "tinynas/cost/kernel.h"

namespace tinynas::cost {

/// The rows of the kernel register by family: <family>.cpp here, engine/pack/<family>.cpp and
/// engine/c/tinynas_<family>.c are its three places.
std::span<const Kernel> conv_x16_kernels();
std::span<const Kernel> depthwise_tiles_kernels();
std::span<const Kernel> conv_kernels();
std::span<const Kernel> depthwise_kernels();
std::span<const Kernel> add_kernels();
std::span<const Kernel> pool_kernels();
std::span<const Kernel> pool_window_kernels();
std::span<const Kernel> mul_kernels();
std::span<const Kernel> concat_kernels();
std::span<const Kernel> resize_kernels();
std::span<const Kernel> softmax_kernels();

}  // namespace tinynas::cost
