#pragma once

#include <cstdint>

#include "tinynas/core/index.h"
#include "tinynas/ir/graph.h"

namespace tinynas::quant {

constexpr int kSteps = 255;  ///< between the 256 values of an int8
constexpr std::int64_t kOne31 = std::int64_t{1} << 31;

inline std::size_t size_of(const ir::Shape& shape) { return at(shape.elements()); }

}  // namespace tinynas::quant
