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
    KernelCode{"tn_add", {188, 160, 160, 160, 160, 164}},
    KernelCode{"tn_average_pool", {344, 288, 288, 288, 288, 308}},
    KernelCode{"tn_concat", {336, 248, 248, 232, 248, 232}},
    KernelCode{"tn_conv", {24, 24, 24, 24, 24, 24}},
    KernelCode{"tn_conv1x1", {296, 224, 492, 512, 492, 520}},
    KernelCode{"tn_conv1x1_x16", {264, 196, 200, 196, 196, 1688}},
    KernelCode{"tn_conv_body", {780, 648, 812, 796, 812, 832}},
    KernelCode{"tn_conv_input", {24, 24, 24, 24, 24, 24}},
    KernelCode{"tn_dense", {736, 616, 1736, 1768, 1748, 1772}},
    KernelCode{"tn_dense_x16", {172, 160, 160, 160, 160, 428}},
    KernelCode{"tn_depthwise", {676, 608, 608, 612, 608, 652}},
    KernelCode{"tn_depthwise_3x3", {16, 16, 16, 16, 16, 16}},
    KernelCode{"tn_depthwise_5x5", {16, 16, 16, 16, 16, 16}},
    KernelCode{"tn_depthwise_7x7", {16, 16, 16, 16, 16, 16}},
    KernelCode{"tn_depthwise_by_tiles", {676, 608, 608, 612, 608, 1768}},
    KernelCode{"tn_depthwise_square", {841, 745, 1073, 1073, 1065, 1113}},
    KernelCode{"tn_depthwise_tiles_3x3", {8, 4, 4, 4, 4, 2736}},
    KernelCode{"tn_depthwise_tiles_5x5", {8, 4, 4, 4, 4, 3112}},
    KernelCode{"tn_depthwise_tiles_7x7", {8, 4, 4, 4, 4, 2160}},
    KernelCode{"tn_global_pool", {296, 276, 380, 392, 384, 404}},
    KernelCode{"tn_max_pool", {240, 184, 200, 200, 200, 192}},
    KernelCode{"tn_mul", {148, 132, 128, 120, 128, 128}},
    KernelCode{"tn_mul_channels", {204, 172, 172, 152, 172, 160}},
    KernelCode{"tn_pair_block", {840, 720, 3176, 3176, 3168, 3208}},
    KernelCode{"tn_resize_nearest", {56, 56, 56, 52, 56, 52}},
    KernelCode{"tn_softmax", {228, 172, 172, 168, 172, 172}},
};

}  // namespace tinynas::cost
