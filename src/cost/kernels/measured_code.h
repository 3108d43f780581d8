#pragma once

#include <bit>
#include <initializer_list>

#include "cost/kernels/kernel_code.h"

namespace tinynas::cost {

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

}  // namespace tinynas::cost
