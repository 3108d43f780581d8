#pragma once

// Made by benchmarks/mcu/code_bytes.py --write with arm-none-eabi-gcc 12.2; do not edit.

#include <array>
#include <string_view>

#include "tinynas/cost/kernels.h"

namespace tinynas::cost {

struct KernelCode {
  std::string_view name;
  CodeBytes bytes;
};

/// text + rodata on cortex-m0plus, cortex-m3, cortex-m4, cortex-m7, cortex-m33, cortex-m55.
constexpr std::array kKernelCode = {
    KernelCode{"tn_add", {112, 104, 104, 104, 104, 108}},
    KernelCode{"tn_conv", {712, 640, 1100, 1092, 1092, 1128}},
    KernelCode{"tn_conv1x1", {296, 224, 860, 872, 852, 904}},
    KernelCode{"tn_conv_input", {712, 640, 1100, 1092, 1092, 1128}},
    KernelCode{"tn_dense", {820, 728, 676, 704, 708, 704}},
    KernelCode{"tn_depthwise", {676, 608, 608, 612, 608, 624}},
    KernelCode{"tn_depthwise_3x3", {756, 720, 1952, 1980, 1964, 2012}},
    KernelCode{"tn_depthwise_5x5", {756, 720, 2532, 2560, 2540, 2592}},
    KernelCode{"tn_depthwise_7x7", {756, 720, 3468, 3496, 3476, 3528}},
    KernelCode{"tn_global_pool", {172, 152, 164, 160, 152, 156}},
    KernelCode{"tn_pair_block", {840, 720, 2028, 2036, 2024, 2024}},
};

}  // namespace tinynas::cost
