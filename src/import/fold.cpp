// The walk over a file's nodes, and both ends of the network.
#include <fmt/format.h>

#include <optional>
#include <set>

#include "import/dilated.h"
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
      {"transposed_conv", &Folder::transposed_conv},
      {"dense", &Folder::dense},
      {"average_pool", &Folder::pool},
      {"max_pool", &Folder::pool},
      {"mean", &Folder::reduce},
      {"max", &Folder::reduce},
      {"sum", &Folder::reduce},
      {"min", &Folder::reduce},
      {"add", &Folder::add},
      {"sub", &Folder::add},
      {"minimum", &Folder::extreme},
      {"maximum", &Folder::extreme},
      {"mul", &Folder::mul},
      {"concat", &Folder::concat},
      {"softmax", &Folder::softmax},
      {"log_softmax", &Folder::softmax},
      {"resize_nearest", &Folder::resize},
      {"resize_bilinear", &Folder::resize_bilinear},
      {"mirror_pad", &Folder::mirror_pad},
      {"broadcast", &Folder::broadcast},
      {"space_to_depth", &Folder::space_to_depth},
      {"depth_to_space", &Folder::depth_to_space},
      {"sigmoid", &Folder::function},
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
      {"pack", &Folder::pack},
      {"split", &Folder::split},
      {"split_v", &Folder::split},
      {"unpack", &Folder::unpack},
      {"gather", &Folder::gather},
      {"slice", &Folder::slice},
      {"strided_slice", &Folder::strided_slice},
      {"reverse", &Folder::reverse},
      {"transpose", &Folder::transpose},
      {"variable", &Folder::variable},
      {"read_variable", &Folder::read_variable},
  };
  return kRules;
}

void Folder::read_inputs() {
  inputs_.resize(model_.inputs.size());
  if (inputs_.empty()) refusals_.add({"the network has no input"});
  for (std::size_t i = 0; i < inputs_.size(); ++i) read_input(i);
}

void Folder::read_input(std::size_t index) {
  const Value& input = values_[at(model_.inputs[index])];
  Source& source = sources_[at(model_.inputs[index])];
  if (input.type == Type::kFloat32 && !is_float_) {
    source = {.kind = Source::kFloatInput, .input = static_cast<int>(index)};
    return;
  }
  try {
    inputs_[index].tensor = new_tensor(image_shape(input), tensor_quant(input));
    source = {Source::kTensor, inputs_[index].tensor};
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
      if (rule.op == node.op) return stands_behind_refused(node) ? assume(index) : (this->*rule.fold)(node);
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

/// Whether it reads what a refused node or input would have made, and nothing is known of that.
bool Folder::stands_behind_refused(const Node& node) const {
  for (std::size_t i = 0; i < node.inputs.size() && !refusals_.empty(); ++i)
    if (has_input(node, i) && !is_constant(node, i) && raw_source(node, i).kind == Source::kMissing)
      return true;
  return false;
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

/// Of a float network's ends of integers, the quantization is the file's own.
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

void Folder::read_outputs(Folded& folded) {
  if (model_.outputs.empty()) refusals_.add({"the network has no output"});
  for (std::size_t i = 0; i < model_.outputs.size() && refusals_.empty(); ++i) read_output(i);
  if (!refusals_.empty()) return;
  for (std::size_t i = 0; i < inputs_.size(); ++i)
    if (!inputs_[i].is_read)
      refusals_.add(
          {fmt::format("the input '{}' is read by no layer", model_.values[at(model_.inputs[i])].name),
           "the same network without it"});
  if (refusals_.empty()) write_ends(folded);
}

void Folder::read_output(std::size_t output) {
  const int index = model_.outputs[output];
  const Value& value = model_.values[at(index)];
  Source& settled = sources_[at(index)];
  try {
    if (settled.places)
      settled = {Source::kTensor, settled_output(index)};
    else if (!settled.border.empty())
      settled = {Source::kTensor, activation({.inputs = {index}, .outputs = {index}}, 0)};
  } catch (const Refused& refused) {
    return refusals_.add({fmt::format("the output '{}': {}", value.name, refused.why), refused.instead});
  } catch (const GraphError& error) {
    return refusals_.add({fmt::format("the output '{}': {}", value.name, error.what())});
  }
  const Source& source = sources_[at(index)];
  if (source.kind != Source::kTensor || !source.border.empty() || source.history > 0 ||
      !in_order(source.order, value))
    return refusals_.add({fmt::format("the output '{}' is made by no layer", value.name)});
  const int tensor = output_of_its_own(value, source.tensor);
  if (output == 0)
    graph_.output = tensor;
  else
    graph_.other_outputs.push_back(tensor);
}

/// A tensor that holds an output's values in some order of rows, columns, channels, which the end then
/// states.
int Folder::settled_output(int index) {
  const Source from = sources_[at(index)];
  if (std::ssize(*from.places) == graph_.tensor(from.tensor).elements() && in_place(*from.places))
    return from.tensor;
  const Value& value = model_.values[at(index)];
  const Node reader{.inputs = {index}, .outputs = {index}};
  const bool image = elements(value.shape) == std::ssize(*from.places) && value.shape.size() > 2 &&
                     value.shape.size() < 5 && value.shape[0] == 1;
  std::vector<std::string> orders = {""};
  if (image && value.shape.size() == 3) orders.emplace_back("CH");
  if (image && value.shape.size() == 4) orders.insert(orders.end(), {"CHW", "HCW", "WHC", "WCH", "CWH"});
  for (const std::string& order : orders) {
    std::vector<std::int64_t> turn = {0};
    for (const char letter : std::string_view("HWC"))
      if (const auto at = order.find(letter); at != std::string::npos)
        turn.push_back(static_cast<std::int64_t>(at) + 1);
    Value turned = value;
    Source source = from;
    if (!order.empty()) {
      for (std::size_t i = 0; i < turn.size(); ++i) turned.shape[i] = value.shape[at(turn[i])];
      source.places = keep_places(transposed(*from.places, value.shape, turn));
    }
    try {
      const auto made = settled_by_one(reader, turned, source);
      if (!made) continue;
      if (!order.empty() && !in_order("N" + order, value)) orders_[index] = order;
      return *made;
    } catch (const Refused&) {  // another order may do
    }
  }
  return settled(reader, value, from);
}

/// An input that is passed on, or a second name of an output, goes through a pool of single values.
int Folder::output_of_its_own(const Value& value, int tensor) {
  const int input = input_of(tensor);
  if (input < 0 && !graph_.is_output(tensor)) return tensor;
  if (input >= 0) inputs_[at(input)].is_read = true;
  const int made = new_tensor(graph_.tensor(tensor), graph_.quant_of(tensor));
  graph_.layers.push_back({.op = ir::OpKind::kAveragePool, .inputs = {tensor, -1}, .output = made});
  graph_.names.push_back(value.name);
  graph_.quant->layers.emplace_back();
  if (is_float_) graph_.parameters.emplace_back();
  return made;
}

void Folder::write_ends(Folded& folded) {
  const auto end_at = [&](int value, int tensor) -> End {
    try {
      return end_of(model_.values[at(value)], graph_.quant_of(tensor), is_float_);
    } catch (const Refused& refused) {
      refusals_.add({"an end of the network: " + refused.why, refused.instead});
      return {};
    }
  };
  for (std::size_t i = 0; i < model_.inputs.size(); ++i) {
    End end = end_at(model_.inputs[i], inputs_[i].tensor);
    (i == 0 ? folded.input : folded.other_inputs.emplace_back()) = std::move(end);
  }
  for (int i = 0; i < graph_.output_count(); ++i) {
    End end = end_at(model_.outputs[at(i)], graph_.output_tensor(i));
    if (const auto order = orders_.find(model_.outputs[at(i)]); order != orders_.end())
      end.order = order->second;
    (i == 0 ? folded.output : folded.other_outputs.emplace_back()) = std::move(end);
  }
}

Folded Folder::fold() {
  graph_.quant.emplace();
  graph_.input = graph_.output = -1;
  sources_.resize(values_.size());
  mark_needed();
  follow_dequantized();
  is_float_ = computes_floats();
  read_inputs();
  for (std::size_t i = 0; i < model_.nodes.size(); ++i)
    if (needed_[i]) fold_node(i);
  Folded folded;
  read_outputs(folded);
  if (!refusals_.empty()) throw UnsupportedError(refusals_.text(model_));
  graph_.input = inputs_[0].tensor;
  for (std::size_t i = 1; i < inputs_.size(); ++i) graph_.other_inputs.push_back(inputs_[i].tensor);
  settle_input();
  settle_names(graph_);
  if (is_float_) graph_.quant.reset();
  ir::validate(graph_);
  folded.graph = std::move(graph_);
  return folded;
}

Folded fold(const Model& model) {
  if (!has_dilated(model)) return Folder(model).fold();
  const Model plain = with_dilations(model);
  return Folder(plain).fold();
}

}  // namespace tinynas::import
