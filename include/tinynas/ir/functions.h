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
  kTanh,
  kElu,        ///< x, below 0 exp(x) - 1
  kLeakyRelu,  ///< x, below 0 slope * x (Layer::slope)
  kRelu,       ///< where no saturation does it: Activation is free
  kRelu6,      ///< the same
  kReluN1To1,  ///< min(max(x, -1), 1)
  kAtLeast,    ///< max(x, slope)
  kAtMost,     ///< min(x, slope)
  kCount
};

/// One row per Function, in its order.
struct FunctionInfo {
  Function kind;
  std::string_view name;  ///< in dumps, reports and search spaces
  double (*value)(double x, double slope);
  double low, high;         ///< inputs beyond them give, to 1/512, what these give: int8 may saturate there
  bool is_share = false;    ///< its values lie in 0..1
  bool is_trained = false;  ///< search spaces may ask for it
};

constexpr double hard_sigmoid(double x) { return std::clamp(x + 3, 0.0, 6.0) / 6; }
/// ln 511 = 6.24: beyond it a sigmoid is within 1/512 of 0 or 1.
constexpr double kSigmoidBound = 6.3;
/// exp(-6.24) = 1/512: below it an exponential linear unit is within that of -1.
constexpr double kEluBound = -6.3;
/// artanh(1 - 1/512) = 3.47.
constexpr double kTanhBound = 3.5;
constexpr double kNoBound = std::numeric_limits<double>::infinity();

constexpr std::array kFunctions = {
    FunctionInfo{.kind = Function::kNone,
                 .name = "none",
                 .value = [](double x, double) { return x; },
                 .low = -kNoBound,
                 .high = kNoBound,
                 .is_trained = true},
    FunctionInfo{.kind = Function::kSigmoid,
                 .name = "sigmoid",
                 .value = [](double x, double) { return 1 / (1 + std::exp(-x)); },
                 .low = -kSigmoidBound,
                 .high = kSigmoidBound,
                 .is_share = true,
                 .is_trained = true},
    FunctionInfo{.kind = Function::kHardSigmoid,
                 .name = "hard_sigmoid",
                 .value = [](double x, double) { return hard_sigmoid(x); },
                 .low = -3,
                 .high = 3,
                 .is_share = true,
                 .is_trained = true},
    FunctionInfo{.kind = Function::kHardSwish,
                 .name = "hard_swish",
                 .value = [](double x, double) { return x * hard_sigmoid(x); },
                 .low = -3,
                 .high = kNoBound,
                 .is_trained = true},
    FunctionInfo{.kind = Function::kTanh,
                 .name = "tanh",
                 .value = [](double x, double) { return std::tanh(x); },
                 .low = -kTanhBound,
                 .high = kTanhBound},
    FunctionInfo{.kind = Function::kElu,
                 .name = "elu",
                 .value = [](double x, double) { return x < 0 ? std::expm1(x) : x; },
                 .low = kEluBound,
                 .high = kNoBound},
    FunctionInfo{.kind = Function::kLeakyRelu,
                 .name = "leaky_relu",
                 .value = [](double x, double slope) { return x < 0 ? slope * x : x; },
                 .low = -kNoBound,
                 .high = kNoBound},
    FunctionInfo{.kind = Function::kRelu,
                 .name = "relu",
                 .value = [](double x, double) { return std::max(x, 0.0); },
                 .low = 0,
                 .high = kNoBound},
    FunctionInfo{.kind = Function::kRelu6,
                 .name = "relu6",
                 .value = [](double x, double) { return std::clamp(x, 0.0, 6.0); },
                 .low = 0,
                 .high = 6},
    FunctionInfo{.kind = Function::kReluN1To1,
                 .name = "relu_n1_to_1",
                 .value = [](double x, double) { return std::clamp(x, -1.0, 1.0); },
                 .low = -1,
                 .high = 1},
    FunctionInfo{.kind = Function::kAtLeast,
                 .name = "at_least",
                 .value = [](double x, double bound) { return std::max(x, bound); },
                 .low = -kNoBound,
                 .high = kNoBound},
    FunctionInfo{.kind = Function::kAtMost,
                 .name = "at_most",
                 .value = [](double x, double bound) { return std::min(x, bound); },
                 .low = -kNoBound,
                 .high = kNoBound},
};
static_assert(kFunctions.size() == static_cast<std::size_t>(Function::kCount), "one row per Function");

/// Whether a number goes with it: Layer::slope.
constexpr bool has_number(Function kind) {
  return kind == Function::kLeakyRelu || kind == Function::kAtLeast || kind == Function::kAtMost;
}

constexpr const FunctionInfo& function_info(Function kind) {
  return kFunctions[static_cast<std::size_t>(kind)];
}

}  // namespace tinynas::ir
