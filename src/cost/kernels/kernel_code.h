#pragma once

// Made by benchmarks/mcu/code_bytes.py --write with gcc 12.2; do not edit.

#include <array>
#include <string_view>

#include "tinynas/cost/kernel.h"

namespace tinynas::cost {

struct KernelCode {
  std::string_view name;
  CodeBytes bytes;
};

/// text + rodata on cortex-m0plus, cortex-m3, cortex-m4, cortex-m7, cortex-m33, cortex-m55, riscv32.
constexpr std::array kKernelCode = {
    KernelCode{"tn_add", {188, 160, 140, 144, 144, 216, 194}},
    KernelCode{"tn_average_pool", {344, 288, 1120, 1140, 1112, 1172, 338}},
    KernelCode{"tn_concat", {76, 72, 72, 72, 72, 72, 74}},
    KernelCode{"tn_concat_rows", {72, 80, 84, 80, 80, 84, 52}},
    KernelCode{"tn_conv", {24, 24, 24, 24, 24, 24, 8}},
    KernelCode{"tn_conv1x1", {296, 224, 492, 512, 492, 520, 260}},
    KernelCode{"tn_conv1x1_x16", {264, 196, 180, 176, 180, 828, 240}},
    KernelCode{"tn_conv_input", {24, 24, 24, 24, 24, 24, 8}},
    KernelCode{"tn_conv_input_x16", {20, 20, 20, 20, 20, 24, 8}},
    KernelCode{"tn_conv_x16", {20, 20, 20, 20, 20, 24, 8}},
    KernelCode{"tn_dense", {736, 616, 1696, 1708, 1692, 1720, 754}},
    KernelCode{"tn_dense_x16", {172, 160, 144, 140, 144, 400, 188}},
    KernelCode{"tn_depth_to_space", {60, 68, 60, 64, 64, 68, 66}},
    KernelCode{"tn_depthwise", {676, 608, 580, 572, 576, 612, 614}},
    KernelCode{"tn_depthwise_3x3", {16, 16, 16, 16, 16, 16, 4}},
    KernelCode{"tn_depthwise_5x5", {16, 16, 16, 16, 16, 16, 4}},
    KernelCode{"tn_depthwise_7x7", {16, 16, 16, 16, 16, 16, 4}},
    KernelCode{"tn_depthwise_tiles_3x3", {8, 4, 4, 4, 4, 1044, 2}},
    KernelCode{"tn_depthwise_tiles_5x5", {8, 4, 4, 4, 4, 1700, 2}},
    KernelCode{"tn_depthwise_tiles_7x7", {8, 4, 4, 4, 4, 2124, 2}},
    KernelCode{"tn_gather", {88, 84, 80, 80, 84, 84, 112}},
    KernelCode{"tn_global_pool", {296, 276, 336, 344, 340, 364, 256}},
    KernelCode{"tn_log_softmax", {508, 424, 520, 520, 520, 516, 466}},
    KernelCode{"tn_lookup", {28, 36, 124, 124, 124, 100, 34}},
    KernelCode{"tn_max_pool", {240, 184, 836, 832, 836, 872, 204}},
    KernelCode{"tn_maximum", {108, 104, 80, 80, 80, 80, 116}},
    KernelCode{"tn_minimum", {108, 104, 80, 80, 80, 80, 116}},
    KernelCode{"tn_mul", {188, 132, 276, 276, 272, 280, 156}},
    KernelCode{"tn_mul_channels", {216, 204, 292, 296, 292, 308, 200}},
    KernelCode{"tn_reshape", {188, 128, 132, 140, 128, 124, 122}},
    KernelCode{"tn_resize_nearest", {48, 52, 152, 152, 152, 168, 48}},
    KernelCode{"tn_slice", {112, 108, 104, 108, 108, 104, 156}},
    KernelCode{"tn_softmax", {248, 204, 256, 252, 256, 256, 270}},
};

/// Helpers that several kernels call: linked once.
constexpr std::array kSharedCode = {
    KernelCode{"tn_concat_part", {148, 128, 212, 212, 216, 236, 110}},
    KernelCode{"tn_conv_body", {780, 648, 808, 800, 812, 832, 698}},
    KernelCode{"tn_conv_x16_body", {456, 392, 376, 384, 376, 1296, 424}},
    KernelCode{"tn_depthwise_by_tiles", {448, 376, 356, 364, 352, 880, 458}},
    KernelCode{"tn_depthwise_square", {869, 761, 1073, 1069, 1077, 1105, 811}},
    KernelCode{"tn_pair_block", {840, 720, 3124, 3132, 3104, 3164, 824}},
    KernelCode{"tn_vector_pairs", {0, 0, 0, 0, 0, 1576, 0}},
};

}  // namespace tinynas::cost
