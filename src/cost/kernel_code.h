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
    KernelCode{"tn_conv", {360, 316, 312, 332, 316, 316}},
    KernelCode{"tn_conv1x1", {184, 172, 168, 168, 172, 172}},
    KernelCode{"tn_conv_input", {424, 348, 344, 364, 348, 364}},
    KernelCode{"tn_dense", {820, 728, 676, 704, 708, 704}},
    KernelCode{"tn_depthwise", {588, 528, 536, 540, 532, 556}},
    KernelCode{"tn_global_pool", {172, 152, 164, 160, 152, 156}},
    KernelCode{"tn_pair_block", {868, 720, 720, 748, 716, 740}},
};

}  // namespace tinynas::cost
