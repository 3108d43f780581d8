#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tinynas/ir/graph.h"
#include "tinynas/quant/requantize.h"

namespace tinynas::quant {

/// What one layer needs at run time; only the parts of its operation are filled.
struct PlainArithmetic {
  AddMultipliers add;
  std::vector<Multiplier> multipliers;  ///< mul and global pool: one; concat: two; average pool: by pixels
  std::array<std::uint32_t, 256> exponentials{};  ///< softmax
};
/// For an operation without weights. Throws GraphError if its quantization does not fit the arithmetic.
PlainArithmetic plain_arithmetic(const ir::Graph& graph, int layer);

/// The operation itself, on tensors [H, W, C]; `second` is empty unless it takes two.
std::vector<std::int8_t> run_plain(const ir::Graph& graph, const ir::Layer& layer,
                                   const PlainArithmetic& arithmetic, std::span<const std::int8_t> first,
                                   std::span<const std::int8_t> second);

}  // namespace tinynas::quant
