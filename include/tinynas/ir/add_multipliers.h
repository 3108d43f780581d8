#pragma once

#include <cstdint>

#include "tinynas/ir/graph.h"

namespace tinynas::ir {

/// q = saturate_int8((a * ma + b * mb + c) >> shift): 16-bit multipliers, the largest shift <= 24 with both
/// <= 32767; rounding and the zero points are in c.
struct AddMultipliers {
  std::int32_t ma = 0, mb = 0, c = 0;
  int shift = 0;
  friend bool operator==(const AddMultipliers&, const AddMultipliers&) = default;
};
/// Throws GraphError if no shift does.
AddMultipliers make_add(const TensorQuant& a, const TensorQuant& b, const TensorQuant& out);

}  // namespace tinynas::ir
