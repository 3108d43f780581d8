#pragma once

#include <array>
#include <string_view>

#include "tinynas/core/units.h"

namespace tinynas::cost {

/// TN_WIDE_ROW of tinynas_kernels.h: 3x3 depthwise kernels of rows as wide as this have biases for the
/// borders.
constexpr int kWideRow = 16;
/// Narrower rows and larger kernels have biases of 24 bits: they must be in [-this, this).
constexpr int kDepthwiseBias = 1 << 23;

/// What unrolled code consists of, in instructions of four bytes.
struct UnrolledInstructions {
  int call = 0;  ///< run once a call, and tables
  /// For each channel (of the pool: for four; of the gathering: for each window; of the add: twice four
  /// outputs).
  int once = 0;
  int per_row = 0;  ///< depthwise 5x5 and 7x7: for each row of the kernel that meets the image besides
};

/// The numbers that a piece of code is made for; those that a form does not have are 0.
using UnrolledNumbers = std::array<int, 5>;

/// A way to make code for the sizes of a layer: TN_<NAME>_UNROLLED(numbers) of
/// engine/c/tinynas_<name>_unrolled.h. The family of its kernels holds the row.
struct UnrolledForm {
  std::string_view name;  ///< "depthwise"
  std::size_t numbers;    ///< that it takes
  UnrolledInstructions (*instructions)(const UnrolledNumbers&);
  bool has_cycle_row = true;  ///< false: its instructions are a term of its kernel's only row
};

/// The code and the numbers it is made for. Layers with equal ones share it.
struct UnrolledCode {
  const UnrolledForm* form = nullptr;
  UnrolledNumbers numbers{};
  UnrolledInstructions instructions() const { return form->instructions(numbers); }
  /// Exactly those that the assembler makes.
  Bytes bytes() const {
    constexpr int kInstructionBytes = 4;  // all of them
    const UnrolledInstructions sum = instructions();
    return kInstructionBytes * (sum.call + sum.once + numbers[0] * sum.per_row);
  }
  bool operator==(const UnrolledCode&) const = default;
};

}  // namespace tinynas::cost
