#pragma once

#include <array>
#include <bit>
#include <initializer_list>
#include <span>
#include <string_view>

#include "cost/kernels/kernel_code.h"
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
std::span<const Kernel> move_kernels();
std::span<const Kernel> softmax_kernels();
std::span<const Kernel> lookup_kernels();
std::span<const Kernel> depth_to_space_kernels();
std::span<const Kernel> extreme_kernels();

// ---- What rows are written with

/// Index of a name in a table of measured code; a name that is not in it does not compile.
template <typename Table>
consteval std::size_t index_in(const Table& table, std::string_view name) {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (table[i].name == name) return i;
  throw "run benchmarks/mcu/code_bytes.py --write";
}

/// The row with its code bytes.
consteval Kernel measured(Kernel row) {
  row.code_bytes = kKernelCode[index_in(kKernelCode, row.name)].bytes;
  return row;
}

/// Kernel::shared of a kernel that calls these helpers.
consteval std::uint32_t shares(std::initializer_list<std::string_view> helpers) {
  static_assert(kSharedCode.size() <= 32, "a bit for each");
  std::uint32_t bits = 0;
  for (const std::string_view helper : helpers) bits |= std::uint32_t{1} << index_in(kSharedCode, helper);
  return bits;
}

/// The code of all helpers in `shared`, each once.
constexpr Bytes shared_code_bytes(std::uint32_t shared, Core core) {
  Bytes bytes = 0;
  for (; shared != 0; shared &= shared - 1)
    bytes +=
        kSharedCode[static_cast<std::size_t>(std::countr_zero(shared))].bytes[static_cast<std::size_t>(core)];
  return bytes;
}

/// Constants of a kernel that reads nothing but its layer struct.
template <Bytes bytes>
Bytes struct_alone(const ir::Graph&, const ir::Layer&, KernelIsa) {
  return bytes;
}

}  // namespace tinynas::cost
