#pragma once

#include <array>

#include "tinynas/cost/kernel.h"

namespace tinynas::cost {

/// Bytes for each architecture: Thumb-2, RV32IMC.
using ArchitectureBytes = std::array<int, static_cast<std::size_t>(Architecture::kCount)>;

/// text of what the code generator emits, gcc 12 -O2: least squares over the model.o of 40 (RV32: 60) random
/// networks, each with its planned and with a random schedule (the steps of one kind differ by their
/// constants and are inlined into one function; the sum over a network is within 4 % of its code, on RV32
/// 5 %; with operations that only networks of others have up to 8 % too much: kEitherRow and kGroup are
/// estimates). init, push_row, output and the row arithmetic shared by all steps (tn_window: 68 in Thumb-2).
constexpr ArchitectureBytes kRuntimeCode = {245, 418};

/// Where there are several ends, beside that: model_output_at(); for other inputs model_input_at(),
/// model_set_input() and what they change elsewhere (the mean of the linked images of six networks, which
/// then are within 1.5 %); the counter of an input, which begins at its height. Tables: offset and sizes of
/// an input, offset of an output.
constexpr ArchitectureBytes kOutputAtCode = {24, 26}, kSetInputCode = {255, 50}, kInputCounterCode = {12, 16};
constexpr int kInputEntryBytes = 16, kOutputEntryBytes = 4;

/// A step whose window has rows of earlier calls (tn_stream_window), beside that of one without: the mean
/// over 41 networks, each linked with and without streaming.
constexpr ArchitectureBytes kStreamWindowCode = {94, 62};

struct StepCode {
  Step step;
  ArchitectureBytes bytes;  ///< text of one emitted step function
};
constexpr std::array kStepCode = {
    StepCode{Step::kWindow, {68, 83}},     StepCode{Step::kUnit, {104, 92}},
    StepCode{Step::kRow, {104, 77}},       StepCode{Step::kTwoRows, {71, 96}},
    StepCode{Step::kEitherRow, {96, 120}}, StepCode{Step::kGroup, {84, 100}},
    StepCode{Step::kPool, {20, 113}},
};
static_assert(kStepCode.size() == static_cast<std::size_t>(Step::kCount), "one row per Step");
constexpr int bytes_on(const ArchitectureBytes& bytes, Core core) {
  return bytes[static_cast<std::size_t>(core_info(core).architecture)];
}
constexpr int step_bytes(Step step, Core core) {
  return bytes_on(kStepCode[static_cast<std::size_t>(step)].bytes, core);
}

}  // namespace tinynas::cost
