#pragma once

#include <array>

#include "tinynas/cost/kernel.h"

namespace tinynas::cost {

/// text of what the code generator emits, Thumb-2, gcc 12 -O2: least squares over the model.o of 40 random
/// networks, each with its planned and with a random schedule (the steps of one kind differ by their
/// constants and are inlined into one function; the sum over a network is within 4 % of its code). init,
/// push_row, output and the row arithmetic shared by all steps (tn_window, 68).
constexpr Bytes kRuntimeCodeBytes = 245;

struct StepCode {
  Step step;
  int bytes;  ///< text of one emitted step function
};
constexpr std::array kStepCode = {
    StepCode{Step::kWindow, 68},  StepCode{Step::kUnit, 104}, StepCode{Step::kRow, 104},
    StepCode{Step::kTwoRows, 71}, StepCode{Step::kPool, 20},
};
static_assert(kStepCode.size() == static_cast<std::size_t>(Step::kCount), "one row per Step");
constexpr int step_bytes(Step step) { return kStepCode[static_cast<std::size_t>(step)].bytes; }

}  // namespace tinynas::cost
