#pragma once

#include <cstddef>
#include <cstdint>

namespace tinynas {

/// Tensors, layers and rows are numbered by int, sizes of tensors are std::int64_t; containers want
/// std::size_t.
constexpr std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

}  // namespace tinynas
