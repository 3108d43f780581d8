// Operators on int8 values become DequantizeLinear, the operator on floats, QuantizeLinear.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "import/onnx_reader.h"

namespace tinynas::import {
namespace {

constexpr std::string_view kMicrosoft = "com.microsoft";

/// Where an operator has its tensors: each with scale and zero point behind it.
struct Lowering {
  std::string_view op, domain, becomes;
  std::size_t tensors;  ///< how many, from input 0 on
  std::size_t result;   ///< input that is the result's scale
  int bias = -1;        ///< input that is an int32 bias
};
constexpr std::array kLowerings = {
    Lowering{"QLinearConv", "", "Conv", 2, 6, 8},
    Lowering{"QLinearMatMul", "", "MatMul", 2, 6},
    Lowering{"QGemm", kMicrosoft, "Gemm", 2, 7, 6},
    Lowering{"QLinearAdd", kMicrosoft, "Add", 2, 6},
    Lowering{"QLinearMul", kMicrosoft, "Mul", 2, 6},
    Lowering{"QLinearAveragePool", kMicrosoft, "AveragePool", 1, 3},
    Lowering{"QLinearGlobalAveragePool", kMicrosoft, "GlobalAveragePool", 1, 3},
    Lowering{"QLinearSigmoid", kMicrosoft, "Sigmoid", 1, 3},
    Lowering{"QLinearSoftmax", kMicrosoft, "Softmax", 1, 3},
};

}  // namespace

void OnnxReader::lower() {
  for (std::size_t n = 0; n < file_.nodes.size(); ++n) {
    FileNode& node = file_.nodes[n];
    Step step;
    step.word = node.domain.empty() ? node.op : node.domain + "." + node.op;
    step.number = static_cast<int>(n);
    if (!node.outputs.empty()) step.made = node.outputs[0];
    const auto add = [&](FileNode one) {
      Step made = step;
      made.node = std::move(one);
      steps_.push_back(std::move(made));
    };
    const auto input = [&](std::size_t i) { return i < node.inputs.size() ? node.inputs[i] : std::string(); };
    const auto part = [&](std::size_t i) { return fmt::format("\x01{} {}", n, i); };  // no file's name
    const auto dequantize = [&](const std::string& name, std::size_t scale, std::int64_t axis) {
      add({.op = "DequantizeLinear",
           .inputs = {name, input(scale), input(scale + 1)},
           .outputs = {part(scale)},
           .attributes = {{"axis", axis}}});
      return part(scale);
    };
    const auto* row = std::find_if(kLowerings.begin(), kLowerings.end(), [&](const Lowering& one) {
      return one.op == node.op && one.domain == node.domain;
    });
    const bool joins = node.op == "QLinearConcat" && node.domain == kMicrosoft;
    if (row == kLowerings.end() && !joins) {
      add(std::move(node));
      continue;
    }
    FileNode middle{.op = std::string(joins ? "Concat" : row->becomes), .attributes = node.attributes};
    const std::size_t first = joins ? 2 : 0;
    const std::size_t tensors =
        joins ? (node.inputs.size() - std::min<std::size_t>(2, node.inputs.size())) / 3 : row->tensors;
    const auto turned = middle.attributes.find("transB");
    const bool out_first = middle.op == "Conv" || (turned != middle.attributes.end() &&
                                                   turned->second == onnx::Attribute(std::int64_t{1}));
    for (std::size_t i = 0; i < tensors; ++i)
      middle.inputs.push_back(dequantize(input(first + 3 * i), first + 3 * i + 1, out_first ? 0 : -1));
    if (!joins && row->bias >= 0 && !input(static_cast<std::size_t>(row->bias)).empty())
      middle.inputs.push_back(input(static_cast<std::size_t>(row->bias)));
    middle.outputs = {"\x01" + fmt::format("{}", n)};
    const std::string made = middle.outputs[0];
    add(std::move(middle));
    const std::size_t scale = joins ? 0 : row->result;
    add({.op = "QuantizeLinear", .inputs = {made, input(scale), input(scale + 1)}, .outputs = node.outputs});
  }
  file_.nodes.clear();
}

void OnnxReader::count_readers() {
  for (const Step& step : steps_)
    for (const std::string& name : step.node.inputs) ++readers_[name];
  for (const onnx::FileEnd& end : file_.outputs) ++readers_[end.name];
}

}  // namespace tinynas::import
