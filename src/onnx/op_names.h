#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "tinynas/ir/graph.h"

namespace tinynas::onnx {

/// ONNX's name for each of our operations: one row per OpKind, in its order. Conv is both kinds of
/// convolution (by its `group`).
constexpr std::array<std::string_view, static_cast<std::size_t>(ir::OpKind::kCount)> kOnnxNames = {
    "Conv",         "Conv",    "Gemm",
    "Add",          "Mul",     "Concat",
    "AveragePool",  "MaxPool", "GlobalAveragePool",
    "Softmax",      "Resize",  "" /* those of functions stand below */,
    "Min",          "Max",     "LogSoftmax",
    "DepthToSpace", "Gather",  "Slice",
    "Concat",       "Reshape"};

/// ONNX's functions: one row per ir::Function, in its order.
struct OnnxFunction {
  std::string_view name;
  int opset = 1;           ///< the first that has it
  bool has_slope = false;  ///< it is max(0, min(1, alpha * x + beta)), these two its attributes
  float alpha = 0, beta = 0;
  bool takes_bound = false;                         ///< its second input is Layer::slope
  std::optional<std::array<float, 2>> bounds = {};  ///< it is Clip, these two its inputs
};
constexpr std::array<OnnxFunction, static_cast<std::size_t>(ir::Function::kCount)> kOnnxFunctions = {{
    {.name = ""},
    {.name = "Sigmoid"},
    {.name = "HardSigmoid", .has_slope = true, .alpha = 1.0F / 6, .beta = 0.5F},
    {.name = "HardSwish", .opset = 14},
    {.name = "Tanh"},
    {.name = "Elu"},
    {.name = "LeakyRelu"},
    {.name = "Relu"},
    {.name = "Clip", .bounds = {{0, 6}}},
    {.name = "Clip", .bounds = {{-1, 1}}},
    {.name = "Max", .takes_bound = true},
    {.name = "Min", .takes_bound = true},
}};
constexpr const OnnxFunction& onnx_function(ir::Function function) {
  return kOnnxFunctions[static_cast<std::size_t>(function)];
}

constexpr std::string_view onnx_name(const ir::Layer& layer) {
  if (layer.subtracts) return "Sub";
  return layer.op == ir::OpKind::kFunction ? onnx_function(layer.function).name
                                           : kOnnxNames[static_cast<std::size_t>(layer.op)];
}

}  // namespace tinynas::onnx
