// The walk over a file's nodes, and both ends of the network.
#include <fmt/format.h>

#include <set>

#include "import/folder.h"
#include "tinynas/core/error.h"
#include "tinynas/ir/ops.h"

namespace tinynas::import {
namespace {

constexpr std::size_t kLongestName = 60;  // of a layer: the end of a path says most

/// Names that are not empty, and each once.
void settle_names(ir::Graph& graph) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < graph.names.size(); ++i) {
    std::string& name = graph.names[i];
    if (name.size() > kLongestName) name = name.substr(name.size() - kLongestName);
    if (name.empty()) name = ir::op_name(graph.layers[i].op);
    while (!seen.insert(name).second) name += fmt::format("_{}", i);
  }
}

}  // namespace

const std::vector<Folder::Rule>& Folder::rules() {
  static const std::vector<Rule> kRules = {
      {"conv", &Folder::conv},
      {"depthwise", &Folder::depthwise},
      {"dense", &Folder::dense},
      {"average_pool", &Folder::pool},
      {"max_pool", &Folder::pool},
      {"mean", &Folder::reduce},
      {"max", &Folder::reduce},
      {"add", &Folder::add},
      {"sub", &Folder::add},
      {"mul", &Folder::mul},
      {"concat", &Folder::concat},
      {"softmax", &Folder::softmax},
      {"resize_nearest", &Folder::resize},
      {"sigmoid", &Folder::function},
      {"depth_to_space", &Folder::depth_to_space},
      {"hard_swish", &Folder::function},
      {"hard_sigmoid", &Folder::function},
      {"tanh", &Folder::function},
      {"elu", &Folder::function},
      {"leaky_relu", &Folder::function},
      {"prelu", &Folder::prelu},
      {"relu", &Folder::clip},
      {"relu6", &Folder::clip},
      {"relu_n1_to_1", &Folder::clip},
      {"clip", &Folder::clip_anywhere},
      {"quantize", &Folder::quantize},
      {"dequantize", &Folder::dequantize},
      {"pad", &Folder::pad},
      {"reshape", &Folder::reshape},
      {"transpose", &Folder::transpose},
  };
  return kRules;
}

void Folder::read_input() {
  if (model_.inputs.size() != 1) {
    refusals_.add({fmt::format("the network has {} inputs, one is computed", model_.inputs.size()),
                   "one input whose channels are all that it is given"});
    for (const int input : model_.inputs) {  // what reads them may be refused as well
      try {
        const Value& value = values_[at(input)];
        sources_[at(input)] = {Source::kTensor, new_tensor(image_shape(value), tensor_quant(value))};
      } catch (const Refused&) {
        continue;
      }
    }
    return;
  }
  const Value& input = values_[at(model_.inputs[0])];
  Source& source = sources_[at(model_.inputs[0])];
  if (input.type == Type::kFloat32 && !is_float_) {
    source.kind = Source::kFloatInput;
    return;
  }
  try {
    graph_.input = new_tensor(image_shape(input), tensor_quant(input));
    source = {Source::kTensor, graph_.input};
  } catch (const Refused& refused) {
    refusals_.add({fmt::format("the input '{}': {}", input.name, refused.why), refused.instead});
  }
}

void Folder::fold_node(std::size_t index) {
  const Node& node = model_.nodes[index];
  try {
    if (node.op == "unread") return;
    if (node.attributes.contains("refused"))
      throw Refused{node.text("refused", ""), node.text("instead", "")};
    if (fold_numbers(node)) return;
    for (const Rule& rule : rules())
      if (rule.op == node.op) return (this->*rule.fold)(node);
    refusals_.add(model_, index, unknown_operator(node));
  } catch (const Refused& refused) {
    refusals_.add(model_, index, refused);
  } catch (const GraphError& error) {
    const std::string what = error.what();  // "layer 3 (name): what is wrong"
    const auto layer = what.find("): ");
    refusals_.add(model_, index,
                  {what.starts_with("layer ") && layer != std::string::npos ? what.substr(layer + 3) : what});
  }
  assume(index);
}

/// Nodes behind one that was refused are looked at as if it had made what the file says.
void Folder::assume(std::size_t index) {
  for (const int output : model_.nodes[index].outputs) {
    const Value& value = values_[at(output)];
    try {
      sources_[at(output)] = {Source::kTensor, new_tensor(image_shape(value), tensor_quant(value))};
    } catch (const Refused&) {
      sources_[at(output)] = {};
    }
  }
}

/// Of a float network's int8 ends, the quantization is the file's own.
End end_of(const Value& value, const ir::TensorQuant& quant, bool of_float) {
  const bool stated = of_float && value.type != Type::kFloat32 && !value.scales.empty();
  return {.name = value.name,
          .type = value.type,
          .shape = value.shape,
          .quant = stated ? stated_quant(value) : quant,
          .order = value.order};
}

/// The input's channels arrive interleaved, which only windows over all of them are read from: a pool of
/// single values goes ahead of other layers.
void Folder::settle_input() {
  const ir::Shape shape = graph_.tensor(graph_.input);
  if (shape.c == 1 || shape.w == 1) return;
  const auto reads_apart = [](const ir::Layer& layer) {
    return layer.op != ir::OpKind::kConv2d && layer.op != ir::OpKind::kAveragePool &&
           layer.op != ir::OpKind::kMaxPool;
  };
  int apart = -1;
  for (ir::Layer& layer : graph_.layers)
    for (int& input : layer.inputs) {
      if (input != graph_.input || !reads_apart(layer)) continue;
      if (apart < 0) apart = new_tensor(shape, graph_.quant_of(graph_.input));
      input = apart;
    }
  if (apart < 0) return;
  graph_.layers.insert(graph_.layers.begin(),
                       {.op = ir::OpKind::kAveragePool, .inputs = {graph_.input, -1}, .output = apart});
  graph_.names.insert(graph_.names.begin(), "channels_apart");
  graph_.quant->layers.insert(graph_.quant->layers.begin(), ir::QuantParameters{});
  if (is_float_) graph_.parameters.insert(graph_.parameters.begin(), ir::Parameters{});
}

void Folder::read_output(Folded& folded) {
  if (model_.outputs.size() != 1)
    return refusals_.add({fmt::format("the network has {} outputs, one is computed", model_.outputs.size()),
                          "cut it to one, or give one network for each"});
  if (!refusals_.empty()) return;
  const Value& value = model_.values[at(model_.outputs[0])];
  const Source& source = sources_[at(model_.outputs[0])];
  if (source.kind != Source::kTensor || !source.border.empty() || !in_order(source.order, value) ||
      graph_.layers.empty())
    return refusals_.add({fmt::format("the output '{}' is made by no layer", value.name)});
  graph_.output = source.tensor;
  folded.output = end_of(value, graph_.quant_of(graph_.output), is_float_);
  const Value& input = model_.values[at(model_.inputs[0])];
  folded.input = end_of(input, graph_.quant_of(graph_.input), is_float_);
}

Folded Folder::fold() {
  graph_.quant.emplace();
  graph_.input = -1;
  sources_.resize(values_.size());
  mark_needed();
  follow_dequantized();
  is_float_ = computes_floats();
  read_input();
  for (std::size_t i = 0; i < model_.nodes.size(); ++i)
    if (needed_[i]) fold_node(i);
  Folded folded;
  read_output(folded);
  if (!refusals_.empty()) throw UnsupportedError(refusals_.text(model_));
  settle_input();
  settle_names(graph_);
  if (is_float_) graph_.quant.reset();
  ir::validate(graph_);
  folded.graph = std::move(graph_);
  return folded;
}

Folded fold(const Model& model) { return Folder(model).fold(); }

}  // namespace tinynas::import
