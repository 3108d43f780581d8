#include "import/refusals.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tinynas::import {
namespace {

/// Operators that people ask for, and what they may do; the rest has kOtherwise.
struct Advice {
  std::string_view word;  ///< the operator, or what its word begins with
  std::string_view why, instead;
};
constexpr std::string_view kStateful = "it keeps state from one call to the next";
constexpr std::string_view kConvolve = "a network of convolutions over the last seconds of the signal";
constexpr std::string_view kNoLayer = "there is no layer that computes it";
constexpr std::string_view kCutEnd =
    "cut the network before it, and compute it from the output in your own code";
constexpr std::string_view kNoGelu = "a network trained with HardSwish or Relu";
constexpr std::string_view kDeeploy = "it rounds by integers of Deeploy's, which say no scale";
constexpr std::string_view kQdq = "the network in float, or with QuantizeLinear and DequantizeLinear";
constexpr std::string_view kCutLargest = "cut the network before it, and look for the largest output";
constexpr std::string_view kDilated =
    "it is computed around a convolution without stride and padding only, with constant sizes";
constexpr std::string_view kLarger = "a convolution with a dilation, and fixed sizes of the input";
constexpr std::array kAdvice = {
    Advice{"CUSTOM ethos-u", "the file is compiled for Arm's Ethos-U", "give the file from before Vela"},
    Advice{"CUSTOM edgetpu", "the file is compiled for the Edge TPU",
           "give the file from before the Edge TPU compiler"},
    Advice{"CUSTOM TFLite_Detection_PostProcess", "it selects boxes after the network", kCutEnd},
    Advice{"CUSTOM Signal", "it is part of an audio front end",
           "cut the network behind it, and compute the features in your own code"},
    Advice{"CUSTOM", "only the runtime that it was written for knows what it does",
           "convert the model without custom operators"},
    Advice{"UNIDIRECTIONAL_SEQUENCE_LSTM", kStateful, kConvolve},
    Advice{"LSTM", kStateful, kConvolve},
    Advice{"SVDF", kStateful, kConvolve},
    Advice{"ARG_MAX", kNoLayer, kCutLargest},
    Advice{"GELU", kNoLayer, kNoGelu},
    Advice{"BATCH_MATMUL", "it multiplies by what is computed", "FULLY_CONNECTED by constant weights"},
    Advice{"DIV", kNoLayer, "MUL by a constant"},
    Advice{"L2_NORMALIZATION", kNoLayer, kCutEnd},
    Advice{"TOPK_V2", kNoLayer, kCutLargest},
    Advice{"SPACE_TO_BATCH_ND", kDilated, kLarger},
    Advice{"BATCH_TO_SPACE_ND", kDilated, kLarger},
    // ONNX
    Advice{"RNN", kStateful, kConvolve},
    Advice{"GRU", kStateful, kConvolve},
    Advice{"ArgMax", kNoLayer, kCutLargest},
    Advice{"TopK", kNoLayer, kCutLargest},
    Advice{"Gelu", kNoLayer, kNoGelu},
    Advice{"Erf", kNoLayer, kNoGelu},
    Advice{"RequantShift", kDeeploy, kQdq},
    Advice{"ai.onnx.contrib.RequantShift", kDeeploy, kQdq},
};
constexpr Advice kOtherwise = {
    "", kNoLayer,
    "convolutions, pools, dense layers, ADD, MUL and CONCATENATION of two, SOFTMAX, "
    "LOGISTIC, TANH, LEAKY_RELU, HARD_SWISH, RESIZE_NEAREST_NEIGHBOR"};
constexpr Advice kOtherwiseOnnx = {"", kNoLayer,
                                   "Conv, Gemm, MatMul, pools, ReduceMean, Add, Mul, Concat, Softmax, "
                                   "Sigmoid, Tanh, LeakyRelu, HardSwish, Resize"};
constexpr std::size_t kMostNodes = 8;  // of a group that are named

}  // namespace

Refused unknown_operator(const Node& node) {
  const auto* found = std::find_if(kAdvice.begin(), kAdvice.end(), [&](const Advice& advice) {
    return advice.word.starts_with("CUSTOM") ? node.word.starts_with(advice.word) : node.word == advice.word;
  });
  const bool of_onnx =
      std::any_of(node.word.begin(), node.word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  const Advice& advice = found != kAdvice.end() ? *found : of_onnx ? kOtherwiseOnnx : kOtherwise;
  return {std::string(advice.why), std::string(advice.instead)};
}

void Refusals::add(const Model& model, std::size_t node, const Refused& refused) {
  const std::string& op = model.nodes[node].word;
  const int number = model.nodes[node].number < 0 ? static_cast<int>(node) : model.nodes[node].number;
  auto found = std::find_if(groups_.begin(), groups_.end(), [&](const Group& group) {
    return group.op == op && group.why == refused.why && group.instead == refused.instead;
  });
  if (found == groups_.end()) found = groups_.insert(groups_.end(), {op, refused.why, refused.instead});
  const auto& outputs = model.nodes[node].outputs;
  std::string name = outputs.empty() ? "" : model.values[static_cast<std::size_t>(outputs[0])].name;
  found->nodes.push_back(fmt::format("{} '{}'", number, name.substr(0, name.find(';'))));
  ++nodes_;
}

void Refusals::add(const Refused& refused) { groups_.push_back({"", refused.why, refused.instead}); }

std::string Refusals::text(const Model& model) const {
  std::string text = nodes_ == 0
                         ? "the network cannot be computed:"
                         : fmt::format("{} of {} operators cannot be computed:", nodes_, model.nodes.size());
  for (const Group& group : groups_) {
    const std::size_t shown = std::min(group.nodes.size(), kMostNodes);
    text += "\n  ";
    if (!group.op.empty())
      text += fmt::format(
          "{} (node{} {}{}): ", group.op, group.nodes.size() == 1 ? "" : "s",
          fmt::join(group.nodes.begin(), group.nodes.begin() + static_cast<std::ptrdiff_t>(shown), ", "),
          shown == group.nodes.size() ? "" : fmt::format(" and {} more", group.nodes.size() - shown));
    text += group.why;
    if (!group.instead.empty()) text += "; instead: " + group.instead;
  }
  return text;
}

}  // namespace tinynas::import
