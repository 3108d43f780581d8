#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "tinynas/ir/graph.h"

namespace tinynas::ir {

/// What is said about an operation in words: one row per OpKind.
struct OpInfo {
  OpKind kind;
  std::string_view name;  ///< ours: dumps, reports, generated comments
  int inputs;
  bool has_weights;
};

constexpr std::array kOps = {
    OpInfo{OpKind::kConv2d, "conv", 1, true},
    OpInfo{OpKind::kDepthwiseConv2d, "depthwise", 1, true},
    OpInfo{OpKind::kDense, "dense", 1, true},
    OpInfo{OpKind::kAdd, "add", 2, false},
    OpInfo{OpKind::kMul, "mul", 2, false},
    OpInfo{OpKind::kConcat, "concat", 2, false},
    OpInfo{OpKind::kAveragePool, "average_pool", 1, false},
    OpInfo{OpKind::kMaxPool, "max_pool", 1, false},
    OpInfo{OpKind::kGlobalAveragePool, "global_average_pool", 1, false},
    OpInfo{OpKind::kSoftmax, "softmax", 1, false},
    OpInfo{OpKind::kResizeNearest, "resize_nearest", 1, false},
};
static_assert(kOps.size() == static_cast<std::size_t>(OpKind::kCount), "one row per OpKind");

constexpr const OpInfo& op_info(OpKind kind) { return kOps[static_cast<std::size_t>(kind)]; }
constexpr std::string_view op_name(OpKind kind) { return op_info(kind).name; }

constexpr std::array<std::string_view, 3> kActivationNames = {"none", "relu", "relu6"};
static_assert(kActivationNames.size() == static_cast<std::size_t>(Activation::kCount));
constexpr std::string_view activation_name(Activation a) {
  return kActivationNames[static_cast<std::size_t>(a)];
}

}  // namespace tinynas::ir
