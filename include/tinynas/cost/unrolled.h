#pragma once

#include <array>
#include <optional>

#include "tinynas/core/units.h"
#include "tinynas/cost/device.h"
#include "tinynas/ir/graph.h"

namespace tinynas::cost {

/// Code that is made for the sizes of a layer on DSP cores (engine/c/tinynas_*_unrolled.h).
enum class Unrolled { kDepthwise, kGather, kAdd, kPool, kCount };

/// TN_WIDE_ROW of tinynas_kernels.h: 3x3 depthwise kernels of rows as wide as this have biases for the
/// borders.
constexpr int kWideRow = 16;
/// Of narrower rows, and of larger kernels, biases are packed as 24 bits: they must be in [-this, this).
constexpr int kDepthwiseBias = 1 << 23;
/// Can the biases of a square depthwise layer be packed? Before quantization: yes.
bool packs_biases(const ir::Graph& graph, const ir::Layer& layer);

/// The code and the numbers it is made for. Layers with equal ones share it.
struct UnrolledCode {
  Unrolled kind = Unrolled::kCount;
  /// kDepthwise: kernel, stride, input's width, padding on the left, output's width; kGather: kernel's
  /// height, bytes of one of its rows; kAdd: shift, 0 before quantization;
  /// kPool: width.
  std::array<int, 5> numbers{};
  bool operator==(const UnrolledCode&) const = default;
};

/// Of a layer that has such code on a core.
std::optional<UnrolledCode> unrolled_code(const ir::Graph& graph, const ir::Layer& layer, KernelIsa isa);

/// What it consists of, in instructions of four bytes.
struct UnrolledInstructions {
  int call = 0;  ///< run once a call, and tables
  /// For each channel (of the pool: for four; of the gathering: for each window; of the add: twice four
  /// outputs).
  int once = 0;
  int per_row = 0;  ///< depthwise 5x5 and 7x7: for each row of the kernel that meets the image besides
};
UnrolledInstructions unrolled_instructions(const UnrolledCode& code);

/// Exactly the bytes the assembler makes of it.
Bytes unrolled_bytes(const UnrolledCode& code);

/// All unrolled code of a network, each once. Before quantization the adds count as if all had one shift;
/// each further one takes 212 bytes more.
Bytes unrolled_code_bytes(const ir::Graph& graph, KernelIsa isa);

}  // namespace tinynas::cost
