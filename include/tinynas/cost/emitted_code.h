#pragma once

#include "tinynas/core/units.h"

namespace tinynas::cost {

/// text of what the code generator emits, Thumb-2, gcc 12 -O2: least squares over the model.o of 40 random
/// networks, each with its planned and with a random schedule (the steps of one kind differ by their constants and
/// are inlined into one function; the sum over a network is within 4 % of its code). init, push_row, output and the
/// row arithmetic shared by all steps (tn_window, 68).
constexpr Bytes kRuntimeCodeBytes = 245;
/// A step that gathers several rows: convolution, depthwise, windowed pooling.
constexpr int kWindowStepBytes = 68;
/// A step that reads one row: 1x1 convolution, resize, softmax, dense.
constexpr int kRowStepBytes = 104;
/// A step that reads a row of each of two tensors.
constexpr int kTwoRowsStepBytes = 71;
/// The step of a global pool, which takes row after row.
constexpr int kPoolStepBytes = 20;

}  // namespace tinynas::cost
