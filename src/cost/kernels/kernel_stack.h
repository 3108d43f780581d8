#pragma once

// Made by benchmarks/mcu/stack_bytes.py --write with gcc 12.2; do not edit.

#include <array>
#include <string_view>

#include "tinynas/cost/core.h"

namespace tinynas::cost {

struct KernelStack {
  std::string_view name;
  std::array<int, kCores.size()> bytes;  ///< by core
};

/// The deepest call of each kernel, itself included, in the order of kCores.
constexpr std::array kKernelStack = {
    KernelStack{"tn_add", {112, 112, 112, 112, 112, 80, 104}},
    KernelStack{"tn_average_pool", {88, 48, 196, 196, 196, 204, 64}},
    KernelStack{"tn_concat", {120, 92, 112, 112, 112, 120, 48}},
    KernelStack{"tn_concat_rows", {112, 84, 104, 104, 104, 112, 32}},
    KernelStack{"tn_conv", {344, 288, 324, 332, 324, 692, 256}},
    KernelStack{"tn_conv1x1", {208, 168, 204, 204, 204, 236, 176}},
    KernelStack{"tn_conv1x1_x16", {88, 36, 36, 36, 36, 380, 48}},
    KernelStack{"tn_conv_input", {344, 296, 324, 332, 332, 700, 256}},
    KernelStack{"tn_conv_input_x16", {152, 112, 112, 112, 112, 700, 96}},
    KernelStack{"tn_conv_x16", {152, 112, 112, 112, 112, 692, 96}},
    KernelStack{"tn_dense", {272, 224, 292, 300, 292, 340, 224}},
    KernelStack{"tn_dense_x16", {64, 32, 32, 32, 32, 128, 32}},
    KernelStack{"tn_depth_to_space", {20, 12, 12, 12, 12, 12, 0}},
    KernelStack{"tn_depthwise", {232, 224, 224, 224, 224, 256, 192}},
    KernelStack{"tn_depthwise_3x3", {288, 264, 368, 360, 368, 392, 224}},
    KernelStack{"tn_depthwise_5x5", {288, 264, 368, 360, 368, 392, 224}},
    KernelStack{"tn_depthwise_7x7", {288, 264, 368, 360, 368, 392, 224}},
    KernelStack{"tn_depthwise_tiles_3x3", {136, 88, 88, 96, 88, 304, 112}},
    KernelStack{"tn_depthwise_tiles_5x5", {136, 88, 88, 96, 88, 304, 112}},
    KernelStack{"tn_depthwise_tiles_7x7", {136, 88, 88, 96, 88, 304, 112}},
    KernelStack{"tn_gather", {56, 56, 56, 56, 56, 56, 64}},
    KernelStack{"tn_global_pool", {80, 68, 68, 68, 68, 68, 32}},
    KernelStack{"tn_log_softmax", {88, 32, 48, 48, 48, 48, 48}},
    KernelStack{"tn_lookup", {12, 4, 28, 28, 28, 12, 0}},
    KernelStack{"tn_max_pool", {48, 36, 140, 136, 140, 140, 32}},
    KernelStack{"tn_maximum", {24, 28, 24, 24, 24, 24, 32}},
    KernelStack{"tn_minimum", {24, 28, 24, 24, 24, 24, 32}},
    KernelStack{"tn_mul", {80, 36, 64, 64, 64, 64, 48}},
    KernelStack{"tn_mul_channels", {88, 56, 56, 56, 56, 56, 64}},
    KernelStack{"tn_reshape", {80, 28, 28, 28, 28, 28, 0}},
    KernelStack{"tn_resize_nearest", {12, 4, 24, 24, 24, 24, 0}},
    KernelStack{"tn_slice", {64, 64, 64, 64, 64, 64, 80}},
    KernelStack{"tn_softmax", {96, 48, 36, 36, 32, 32, 48}},
};

}  // namespace tinynas::cost
