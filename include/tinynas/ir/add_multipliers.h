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
/// Of a layer of a quantized graph; where it subtracts, mb is negative.
AddMultipliers make_add(const Graph& graph, const Layer& layer);

/// The smaller or larger of two: q = saturate_int8(max(a * ma + ca, b * mb + cb) >> shift).
struct ExtremeMultipliers {
  std::int32_t ma = 0, mb = 0, ca = 0, cb = 0;
  int shift = 0;
  friend bool operator==(const ExtremeMultipliers&, const ExtremeMultipliers&) = default;
};
/// Throws GraphError if no shift does.
ExtremeMultipliers make_extreme(const Graph& graph, const Layer& layer);

}  // namespace tinynas::ir
