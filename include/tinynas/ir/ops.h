#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "tinynas/ir/graph.h"

namespace tinynas::ir {

/// What is known about an operation: one row per OpKind.
struct OpInfo {
  OpKind kind;
  std::string_view name;      ///< ours: dumps, reports, generated comments
  int inputs = 1;             ///< tensors it reads
  bool has_weights = false;   ///< and biases, one per output channel
  bool windowed = false;      ///< kernel and padding count, and strides are a window's
  bool scales_up = false;     ///< strides are factors: its row y is made from row y / factor of its input
  bool moves_values = false;  ///< computes nothing: its int8 output is quantized like its input
  bool moves_rows =
      false;  ///< its row y is made from other rows than y of its inputs, by no window or factor
};

constexpr std::array kOps = {
    OpInfo{.kind = OpKind::kConv2d, .name = "conv", .has_weights = true, .windowed = true},
    OpInfo{.kind = OpKind::kDepthwiseConv2d, .name = "depthwise", .has_weights = true, .windowed = true},
    OpInfo{.kind = OpKind::kDense, .name = "dense", .has_weights = true},
    OpInfo{.kind = OpKind::kAdd, .name = "add", .inputs = 2},
    OpInfo{.kind = OpKind::kMul, .name = "mul", .inputs = 2},
    OpInfo{.kind = OpKind::kConcat, .name = "concat", .inputs = 2},
    OpInfo{.kind = OpKind::kAveragePool, .name = "average_pool", .windowed = true},
    OpInfo{.kind = OpKind::kMaxPool, .name = "max_pool", .windowed = true, .moves_values = true},
    OpInfo{.kind = OpKind::kGlobalAveragePool, .name = "global_average_pool"},
    OpInfo{.kind = OpKind::kSoftmax, .name = "softmax"},
    OpInfo{.kind = OpKind::kResizeNearest, .name = "resize_nearest", .scales_up = true, .moves_values = true},
    OpInfo{.kind = OpKind::kFunction, .name = "function"},
    OpInfo{.kind = OpKind::kMinimum, .name = "minimum", .inputs = 2},
    OpInfo{.kind = OpKind::kMaximum, .name = "maximum", .inputs = 2},
    OpInfo{.kind = OpKind::kLogSoftmax, .name = "log_softmax"},
    OpInfo{.kind = OpKind::kDepthToSpace, .name = "depth_to_space", .scales_up = true, .moves_values = true},
    OpInfo{.kind = OpKind::kGather, .name = "gather", .moves_values = true},
    OpInfo{.kind = OpKind::kSlice, .name = "slice", .moves_values = true, .moves_rows = true},
    OpInfo{.kind = OpKind::kConcatRows, .name = "concat_rows", .inputs = 2, .moves_rows = true},
    OpInfo{.kind = OpKind::kReshape, .name = "reshape", .moves_values = true, .moves_rows = true},
};
static_assert(kOps.size() == static_cast<std::size_t>(OpKind::kCount), "one row per OpKind");

constexpr const OpInfo& op_info(OpKind kind) { return kOps[static_cast<std::size_t>(kind)]; }
constexpr std::string_view op_name(OpKind kind) { return op_info(kind).name; }
/// What a layer computes, in a word: the operation, or the function.
constexpr std::string_view layer_word(const Layer& layer) {
  if (layer.subtracts) return "subtract";
  return layer.op == OpKind::kFunction ? function_info(layer.function).name : op_name(layer.op);
}

constexpr std::array<std::string_view, 3> kActivationNames = {"none", "relu", "relu6"};
static_assert(kActivationNames.size() == static_cast<std::size_t>(Activation::kCount));
constexpr std::string_view activation_name(Activation a) {
  return kActivationNames[static_cast<std::size_t>(a)];
}

}  // namespace tinynas::ir
