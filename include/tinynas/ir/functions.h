#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>

namespace tinynas::ir {

/// A function of every value by itself: what a layer of OpKind::kFunction computes.
enum class Function : std::uint8_t {
  kNone,         ///< of all other layers
  kSigmoid,      ///< 1 / (1 + exp(-x))
  kHardSigmoid,  ///< min(max(x + 3, 0), 6) / 6 (MobileNetV3, arXiv:1905.02244 section 5.2)
  kHardSwish,    ///< x * hard_sigmoid(x) (there too)
  kCount
};

/// One row per Function, in its order.
struct FunctionInfo {
  Function kind;
  std::string_view name;  ///< in dumps, reports and search spaces
  double (*value)(double);
  double low, high;  ///< inputs beyond them give, to 1/512, what these give: int8 may saturate there
  bool is_share;     ///< its values lie in 0..1
};

constexpr double hard_sigmoid(double x) { return std::clamp(x + 3, 0.0, 6.0) / 6; }
/// ln 511 = 6.24: beyond it a sigmoid is within 1/512 of 0 or 1.
constexpr double kSigmoidBound = 6.3;
constexpr double kNoBound = std::numeric_limits<double>::infinity();

constexpr std::array kFunctions = {
    FunctionInfo{Function::kNone, "none", [](double x) { return x; }, -kNoBound, kNoBound, false},
    FunctionInfo{Function::kSigmoid, "sigmoid", [](double x) { return 1 / (1 + std::exp(-x)); },
                 -kSigmoidBound, kSigmoidBound, true},
    FunctionInfo{Function::kHardSigmoid, "hard_sigmoid", hard_sigmoid, -3, 3, true},
    FunctionInfo{Function::kHardSwish, "hard_swish", [](double x) { return x * hard_sigmoid(x); }, -3,
                 kNoBound, false},
};
static_assert(kFunctions.size() == static_cast<std::size_t>(Function::kCount), "one row per Function");

constexpr const FunctionInfo& function_info(Function kind) {
  return kFunctions[static_cast<std::size_t>(kind)];
}

}  // namespace tinynas::ir
