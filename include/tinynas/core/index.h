#pragma once

#include <cstddef>

namespace tinynas {

/// Tensors, layers and rows are numbered by int; containers by std::size_t.
constexpr std::size_t at(int index) { return static_cast<std::size_t>(index); }

}  // namespace tinynas
