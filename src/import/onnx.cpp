// The walk over an ONNX file's nodes, and both ends of the network.
#include <fmt/format.h>

#include <algorithm>

#include "import/onnx_reader.h"
#include "tinynas/core/error.h"
#include "tinynas/import/import.h"

namespace tinynas::import {
namespace {

/// Signs that do not print as ASCII become '?': names go into messages, JSON and C.
std::string printable(std::string text) {
  for (char& sign : text)
    if (sign < ' ' || sign > '~') sign = '?';
  return text;
}

/// Whether integers stand somewhere in its arithmetic.
bool is_of_quantization(const onnx::FileNode& node) {
  return node.op.starts_with("Q") || node.op.starts_with("DequantizeLinear") ||
         node.op.starts_with("DynamicQuantize") || node.op.ends_with("Integer") ||
         node.domain.find("qonnx") != std::string::npos;
}

}  // namespace

const std::vector<OnnxReader::Rule>& OnnxReader::rules() {
  static const std::vector<Rule> kRules = {
      {"QuantizeLinear", &OnnxReader::quantize},
      {"DequantizeLinear", &OnnxReader::dequantize},
      {"Constant", &OnnxReader::constant_node},
      {"Conv", &OnnxReader::conv},
      {"ConvTranspose", &OnnxReader::transposed_conv},
      {"Gemm", &OnnxReader::dense},
      {"MatMul", &OnnxReader::dense},
      {"AveragePool", &OnnxReader::pool},
      {"MaxPool", &OnnxReader::pool},
      {"GlobalAveragePool", &OnnxReader::global_pool},
      {"GlobalMaxPool", &OnnxReader::global_pool},
      {"ReduceMean", &OnnxReader::reduce},
      {"ReduceMax", &OnnxReader::reduce},
      {"ReduceMin", &OnnxReader::reduce},
      {"ReduceSum", &OnnxReader::reduce},
      {"SpaceToDepth", &OnnxReader::space_to_depth},
      {"Relu", &OnnxReader::activate},
      {"Clip", &OnnxReader::clip},
      {"Add", &OnnxReader::combine},
      {"Sub", &OnnxReader::combine},
      {"Mul", &OnnxReader::combine},
      {"Div", &OnnxReader::combine},
      {"Concat", &OnnxReader::concat},
      {"Softmax", &OnnxReader::softmax},
      {"LogSoftmax", &OnnxReader::softmax},
      {"Max", &OnnxReader::extreme},
      {"Min", &OnnxReader::extreme},
      {"Sigmoid", &OnnxReader::function},
      {"HardSigmoid", &OnnxReader::function},
      {"HardSwish", &OnnxReader::function},
      {"Tanh", &OnnxReader::function},
      {"Elu", &OnnxReader::function},
      {"LeakyRelu", &OnnxReader::function},
      {"PRelu", &OnnxReader::function},
      {"Resize", &OnnxReader::resize},
      {"Upsample", &OnnxReader::resize},
      {"DepthToSpace", &OnnxReader::depth_to_space},
      {"Pad", &OnnxReader::pad},
      {"Reshape", &OnnxReader::reshape},
      {"Flatten", &OnnxReader::flatten},
      {"Squeeze", &OnnxReader::squeeze},
      {"Unsqueeze", &OnnxReader::unsqueeze},
      {"Transpose", &OnnxReader::transpose},
      {"Identity", &OnnxReader::identity},
      {"Dropout", &OnnxReader::identity},
      {"Cast", &OnnxReader::cast},
      {"Shape", &OnnxReader::shape_of},
      {"Gather", &OnnxReader::gather},
      {"Slice", &OnnxReader::slice},
      {"Split", &OnnxReader::split},
      {"BatchNormalization", &OnnxReader::batch_norm, true},
      {"DynamicQuantizeLinear", &OnnxReader::quantize_dynamically, true},
      {"ConvInteger", &OnnxReader::of_integers, true},
      {"MatMulInteger", &OnnxReader::of_integers, true},
      {"Quant", &OnnxReader::quantize_to_bits, true},
  };
  return kRules;
}

const OnnxReader::Rule* OnnxReader::rule_of(const FileNode& node) {
  const auto found = std::ranges::find(rules(), node.op, &Rule::op);
  const bool known = found != rules().end() && (node.domain.empty() || node.op == "Quant");  // QONNX's
  return known ? &*found : nullptr;
}

/// A refusal that a float network would be spared.
Refused OnnxReader::lacking(std::string why, std::string instead) {
  lacks_quantization_ = true;
  return {std::move(why), std::move(instead)};
}

Model OnnxReader::read() {
  lower();
  count_readers();
  for (auto& [name, tensor] : file_.constants) {
    items_[name] = {
        .kind = Item::kConstant, .index = static_cast<int>(constants_.size()), .dims = tensor.dims};
    constants_.push_back({.numbers = std::move(tensor)});
  }
  read_inputs();
  for (const Step& step : steps_) {
    step_ = &step;
    read_step();
  }
  step_ = nullptr;
  for (const onnx::FileEnd& end : file_.outputs) read_output(end);
  for (Value& value : model_.values) value.name = printable(value.name);
  for (Node& node : model_.nodes) {
    constexpr std::size_t kLongestWord = 64;
    node.word = printable(node.word.substr(0, kLongestWord));
    if (const std::string why = node.text("refused", ""); !why.empty())
      node.attributes["refused"] = printable(why);
  }
  return std::move(model_);
}

/// Dimensions become letters; those of size 1 need none.
void OnnxReader::read_inputs() {
  for (const onnx::FileEnd& end : file_.inputs) {
    InputAxes axes{.sizes = end.dims, .end = static_cast<int>(model_.values.size())};
    if (!axes.sizes.empty() && axes.sizes[0] < 0) axes.sizes[0] = 1;  // a batch that is not fixed
    Item item{.kind = Item::kTensor, .index = axes.end, .stored = end.type != onnx::NumberType::kFloat};
    item.dims = axes.sizes;
    constexpr std::size_t kMostDimensions = 8;
    if (item.dims.size() > kMostDimensions)
      throw UnsupportedError(
          fmt::format("the input '{}' has {} dimensions", printable(end.name), item.dims.size()));
    for (std::size_t i = 0; i < item.dims.size(); ++i) {
      if (item.dims[i] < 1 || item.dims[i] > (1 << 20))
        throw UnsupportedError(
            fmt::format("dimension {} of the input '{}' is not fixed; export the network with fixed sizes", i,
                        printable(end.name)));
      item.axes.emplace_back(item.dims[i] > 1 ? 1U : 0U, static_cast<char>('a' + i));
    }
    std::int64_t elements = 1;
    for (const std::int64_t dim : item.dims)
      if ((elements *= dim) > (1 << 28))
        throw UnsupportedError(fmt::format("the input '{}' is too large", printable(end.name)));
    model_.values.push_back({.name = end.name, .type = plain_type(end.type), .shape = item.dims});
    model_.inputs.push_back(axes.end);
    if (item.stored || is_float_) {  // its shape as the network reads it, and its scale, become known later
      const int read = static_cast<int>(model_.values.size());
      model_.values.push_back({.name = end.name, .type = plain_type(end.type)});
      makers_[read] = add_node("reshape", {axes.end}, {read});
      axes.values.push_back(read);
      item.index = read;
    }
    axes_of_[axes.end] = axes_of_[item.index] = static_cast<int>(inputs_.size());
    inputs_.push_back(std::move(axes));
    items_[end.name] = item;
  }
}

int OnnxReader::add_node(std::string op, std::vector<int> inputs, std::vector<int> outputs) {
  Node node{.op = std::move(op), .word = "input", .inputs = std::move(inputs), .outputs = std::move(outputs)};
  if (step_ != nullptr) {
    node.word = step_->word;
    node.number = step_->number;
  }
  model_.nodes.push_back(std::move(node));
  return static_cast<int>(model_.nodes.size()) - 1;
}

/// Nodes behind one that was refused are not looked at, unless no layer computes them anyway.
bool OnnxReader::follow_unknown() {
  std::vector<int> unknown;
  for (const std::string& name : step_->node.inputs) {
    const auto found = items_.find(name);
    if (!name.empty() && found == items_.end())
      throw IoError(fmt::format("damaged: '{}' is made by no node before node {} reads it", printable(name),
                                step_->number));
    if (!name.empty() && found->second.kind == Item::kUnknown) unknown.push_back(found->second.index);
  }
  if (unknown.empty() || rule_of(step_->node) == nullptr) return false;
  const int made = static_cast<int>(model_.values.size());
  model_.values.push_back({.name = step_->made});
  add_node("unread", std::move(unknown), {made});
  for (std::size_t i = 0; i < step_->node.outputs.size(); ++i) define({.index = made}, i);
  return true;
}

void OnnxReader::refuse(const Refused& refused) {
  std::vector<int> inputs;
  for (const std::string& name : step_->node.inputs)
    if (const auto found = items_.find(name); found != items_.end() && found->second.kind != Item::kConstant)
      inputs.push_back(found->second.index);
  const int made = static_cast<int>(model_.values.size());
  model_.values.push_back({.name = step_->made});
  Node& node = model_.nodes[at(add_node("", std::move(inputs), {made}))];
  node.attributes["refused"] = refused.why;
  node.attributes["instead"] = refused.instead;
  for (std::size_t i = 0; i < step_->node.outputs.size(); ++i)
    if (!items_.contains(step_->node.outputs[i])) define({.index = made}, i);
}

void OnnxReader::read_step() {
  try {
    if (follow_unknown()) return;
    if (const Rule* rule = rule_of(step_->node)) {
      if (rule->in_float_only && !is_float_) throw lacking("it is computed in float networks only", "");
      return (this->*rule->read)();
    }
    refuse(unknown_operator({.word = step_->word}));
  } catch (const Refused& refused) {
    refuse(refused);
  } catch (const UnsupportedError& error) {
    refuse({error.what()});
  }
}

/// A value of its own for what leaves the network, in the file's type and shape.
int OnnxReader::leave(int value, const onnx::FileEnd& end) {
  const int left = static_cast<int>(model_.values.size());
  model_.values.push_back({.name = end.name, .type = plain_type(end.type)});
  add_node("dequantize", {value}, {left});
  return left;
}

void OnnxReader::read_output(const onnx::FileEnd& end) {
  const auto found = items_.find(end.name);
  if (found == items_.end())
    throw IoError(fmt::format("damaged: the output '{}' is made by no node", printable(end.name)));
  const Item& item = found->second;
  if (item.kind == Item::kConstant)
    throw UnsupportedError(fmt::format("the output '{}' is a constant", printable(end.name)));
  const auto maker = makers_.find(item.index);
  if (item.kind == Item::kUnknown || maker == makers_.end()) return model_.outputs.push_back(item.index);
  Node& node = model_.nodes[at(maker->second)];
  Value& made = value(item);
  // Their range is known where no QuantizeLinear says it.
  if (made.type == Type::kFloat32 && !is_float_ &&
      (node.op == "softmax" || node.op == "sigmoid" || node.op == "hard_sigmoid"))
    quantize_value(item.index, {.type = Type::kInt8, .scales = {1.0F / 256}, .zero_points = {-128}});
  if (made.type == Type::kFloat32 && !is_float_ && node.op == "log_softmax")
    quantize_value(item.index, {.type = Type::kInt8, .scales = {1.0F / 16}, .zero_points = {127}});
  if (made.type == Type::kFloat32 && !is_float_) {
    lacks_quantization_ = true;
    node.op.clear();
    node.attributes["refused"] = "its result leaves the network in float: no QuantizeLinear says its scale";
    node.attributes["instead"] = "quantize the output of the network, too";
    return model_.outputs.push_back(item.index);
  }
  const int left = leave(item.index, end);
  Value& out = model_.values[at(left)];
  const Value& of = model_.values[at(item.index)];
  out.shape = item.dims;
  if (item.stored && is_float_)
    out.scales = {item.unit}, out.zero_points = {item.zero};
  else if (item.stored)
    out.type = of.type, out.scales = of.scales, out.zero_points = of.zero_points;
  std::string order;
  for (const std::string& axis : item.axes) order += axis;
  if (!item.opaque && std::string_view("HWC").find(order) == std::string_view::npos && order != "HC")
    out.order = order;
  model_.outputs.push_back(left);
}

Model read_onnx(onnx::File file) {
  if (std::ranges::any_of(file.nodes, is_of_quantization)) {
    OnnxReader reader(file, OnnxReader::As::kInt8);
    Model model = reader.read();
    if (!reader.lacks_quantization()) return model;
  }
  return OnnxReader(std::move(file), OnnxReader::As::kFloat).read();
}

}  // namespace tinynas::import
