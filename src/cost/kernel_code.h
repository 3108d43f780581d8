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
    KernelCode{"tn_conv", {868, 748, 1140, 1108, 1120, 1148}},
    KernelCode{"tn_conv1x1", {296, 224, 1080, 1100, 1072, 1132}},
    KernelCode{"tn_conv_input", {868, 748, 1140, 1108, 1120, 1148}},
    KernelCode{"tn_dense", {820, 728, 676, 704, 708, 704}},
    KernelCode{"tn_depthwise", {588, 528, 536, 540, 532, 556}},
    KernelCode{"tn_global_pool", {172, 152, 164, 160, 152, 156}},
    KernelCode{"tn_pair_block", {840, 720, 2028, 2036, 2024, 2024}},
};

}  // namespace tinynas::cost
