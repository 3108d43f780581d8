#pragma once

#include <array>
#include <string_view>

#include "tinynas/ir/graph.h"

namespace tinynas::onnx {

/// ONNX's name for each of our operations: one row per OpKind, in its order. Conv is both kinds of
/// convolution (by its `group`).
constexpr std::array<std::string_view, static_cast<std::size_t>(ir::OpKind::kCount)> kOnnxNames = {
    "Conv",    "Conv",  "Gemm", "Add", "Mul", "Concat", "AveragePool", "MaxPool", "GlobalAveragePool",
    "Softmax", "Resize"};

constexpr std::string_view onnx_name(ir::OpKind op) { return kOnnxNames[static_cast<std::size_t>(op)]; }

}  // namespace tinynas::onnx
