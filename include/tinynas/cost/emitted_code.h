#pragma once

#include "tinynas/core/units.h"

namespace tinynas::cost {

/// text of what the code generator emits, Thumb-2, gcc 12 -O2: least squares over the model.o of 30 random
/// networks (the steps of one kind differ by their constants; the sum over a network is within 20 %, 5 % of
/// its code). init, push_row, output and the row arithmetic shared by all steps (tn_window, 68).
constexpr Bytes kRuntimeCodeBytes = 350;
/// A step that gathers several rows: convolution, depthwise, windowed pooling.
constexpr int kWindowStepBytes = 98;
/// A step that reads one row: 1x1 convolution, resize, softmax, dense.
constexpr int kRowStepBytes = 51;
/// A step that reads a row of each of two tensors.
constexpr int kTwoRowsStepBytes = 62;
/// The step of a global pool, which takes row after row.
constexpr int kPoolStepBytes = 60;

}  // namespace tinynas::cost
