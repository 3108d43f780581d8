#include <fmt/format.h>

#include <cmath>
#include <set>

#include "tinynas/core/error.h"
#include "tinynas/ir/graph.h"
#include "tinynas/ir/ops.h"

namespace tinynas::ir {
namespace {

[[noreturn]] void refuse(const Graph& graph, int layer, const std::string& message) {
  throw GraphError(describe_layer(graph, layer) + ": " + message);
}

bool is_tensor(const Graph& graph, int t) { return t >= 0 && t < graph.tensor_count(); }

/// Inputs exist and were made by an earlier layer; the output is new.
void check_connections(const Graph& graph, int index, std::vector<bool>& made) {
  const Layer& layer = graph.layer(index);
  const int wanted = op_info(layer.op).inputs;
  for (int i = 0; i < 2; ++i) {
    const int t = layer.inputs[at(i)];
    if (i >= wanted) {
      if (t != -1) refuse(graph, index, fmt::format("{} takes {} input, not 2", op_name(layer.op), wanted));
      continue;
    }
    if (!is_tensor(graph, t))
      refuse(graph, index,
             fmt::format("input {} is tensor {}, but there are {}", i, t, graph.tensors.size()));
    if (!made[at(t)]) refuse(graph, index, fmt::format("reads tensor {} before any layer makes it", t));
  }
  if (!is_tensor(graph, layer.output))
    refuse(graph, index,
           fmt::format("output is tensor {}, but there are {}", layer.output, graph.tensors.size()));
  if (made[at(layer.output)])
    refuse(graph, index, fmt::format("makes tensor {} a second time", layer.output));
  made[at(layer.output)] = true;
}

void check_shape(const Graph& graph, int index) {
  const Layer& layer = graph.layer(index);
  Shape expected;
  try {
    expected = infer_output(graph, layer, graph.out_shape(layer).c);
  } catch (const GraphError& error) {
    refuse(graph, index, error.what());
  }
  const Shape& found = graph.out_shape(layer);
  if (found.c < 1 || found != expected)
    refuse(graph, index,
           fmt::format("output tensor {} is [{}, {}, {}], its inputs make [{}, {}, {}]", layer.output,
                       found.h, found.w, found.c, expected.h, expected.w, expected.c));
}

void check_map(const Graph& graph, int index) {
  const Layer& layer = graph.layer(index);
  if (layer.op != OpKind::kGather) return;
  if (layer.map < 0 || at(layer.map) >= graph.maps.size())
    refuse(graph, index, fmt::format("its map is number {} of {}", layer.map, graph.maps.size()));
  const ChannelMap& map = graph.maps[at(layer.map)];
  const int in = graph.in_shape(layer).c, out = graph.out_shape(layer).c;
  if (map.size() != at(out))
    refuse(graph, index, fmt::format("its map has {} channels, its output {}", map.size(), out));
  for (const int channel : map)
    if (channel < -1 || channel >= in)
      refuse(graph, index, fmt::format("its map names channel {} of {}", channel, in));
}

void check_names(const Graph& graph) {
  if (graph.names.size() != graph.layers.size())
    throw GraphError(fmt::format("graph: {} names for {} layers", graph.names.size(), graph.layers.size()));
  std::set<std::string> seen;
  for (std::size_t i = 0; i < graph.names.size(); ++i)
    if (graph.names[i].empty() || !seen.insert(graph.names[i]).second)
      refuse(graph, static_cast<int>(i), "layer names must be unique and not empty");
}

/// `weights` and `biases`: the sizes found.
void check_sizes(const Graph& graph, int index, std::size_t weights, std::size_t biases) {
  const Layer& layer = graph.layer(index);
  const auto expect = [&](const char* what, std::size_t found, std::int64_t expected) {
    if (static_cast<std::int64_t>(found) != expected)
      refuse(graph, index, fmt::format("{} {}, expected {}", found, what, expected));
  };
  expect("weights", weights, layer_weights(graph, layer));
  expect("biases", biases, layer_biases(graph, layer));
}

void check_parameters(const Graph& graph) {
  if (graph.parameters.size() != graph.layers.size())
    throw GraphError(fmt::format("graph: parameters of {} layers for {} layers", graph.parameters.size(),
                                 graph.layers.size()));
  for (int i = 0; i < graph.layer_count(); ++i)
    check_sizes(graph, i, graph.parameters[at(i)].weight.size(), graph.parameters[at(i)].bias.size());
}

bool is_scale(float scale) { return std::isfinite(scale) && scale > 0; }

void check_quant_layer(const Graph& graph, int index, const QuantParameters& q) {
  const Layer& layer = graph.layer(index);
  check_sizes(graph, index, q.weight.size(), q.bias.size());
  if (q.weight_scale.size() != q.bias.size())
    refuse(graph, index,
           fmt::format("{} weight scales for {} output channels", q.weight_scale.size(), q.bias.size()));
  for (const float scale : q.weight_scale)
    if (!is_scale(scale)) refuse(graph, index, fmt::format("weight scale {} is not positive", scale));
  if (layer.activation != Activation::kNone)
    refuse(graph, index,
           fmt::format("{} in a quantized graph: it must be folded into the output's range",
                       activation_name(layer.activation)));
}

void check_quantization(const Graph& graph) {
  const Quantization& quant = *graph.quant;
  if (quant.tensors.size() != graph.tensors.size() || quant.layers.size() != graph.layers.size())
    throw GraphError(fmt::format("graph: quantization of {} tensors and {} layers for {} and {}",
                                 quant.tensors.size(), quant.layers.size(), graph.tensors.size(),
                                 graph.layers.size()));
  for (std::size_t t = 0; t < quant.tensors.size(); ++t)
    if (const auto& [scale, zero_point] = quant.tensors[t];
        !is_scale(scale) || zero_point < -128 || zero_point > 127)
      throw GraphError(fmt::format("graph: tensor {}: scale {} must be positive, zero point {} in -128..127",
                                   t, scale, zero_point));
  for (int i = 0; i < graph.layer_count(); ++i) check_quant_layer(graph, i, graph.layer_quant(i));
}

/// Ends beside the first of either kind. `made` gets the inputs.
void check_other_inputs(const Graph& graph, std::vector<bool>& made) {
  for (const int t : graph.other_inputs) {
    if (!is_tensor(graph, t))
      throw GraphError(fmt::format("graph: input {} must be among its {} tensors", t, graph.tensors.size()));
    if (made[at(t)]) throw GraphError(fmt::format("graph: tensor {} is an input twice", t));
    made[at(t)] = true;
  }
}

void check_several_ends(const Graph& graph) {
  std::vector<bool> made(graph.tensors.size(), false), read(graph.tensors.size(), false);
  for (const Layer& layer : graph.layers) {
    made[at(layer.output)] = true;
    for (const int t : layer.inputs)
      if (t >= 0) read[at(t)] = true;
  }
  if (!read[at(graph.input)])
    throw GraphError(fmt::format("graph: no layer reads input {}, whose rows are pushed", graph.input));
  std::set<int> seen;
  for (int i = 0; i < graph.output_count(); ++i) {
    const int t = graph.output_tensor(i);
    if (!is_tensor(graph, t) || !made[at(t)])
      throw GraphError(fmt::format("graph: output {} must be a tensor that a layer makes", t));
    if (!seen.insert(t).second) throw GraphError(fmt::format("graph: tensor {} is an output twice", t));
  }
  if (const int last = graph.layers.back().output; !graph.is_output(last))
    throw GraphError(fmt::format("graph: the last layer makes tensor {}, which is no output", last));
}

}  // namespace

void validate(const Graph& graph) {
  if (!is_tensor(graph, graph.input) || !is_tensor(graph, graph.output))
    throw GraphError(fmt::format("graph: input {} and output {} must be among its {} tensors", graph.input,
                                 graph.output, graph.tensors.size()));
  std::vector<bool> made(graph.tensors.size(), false);
  made[at(graph.input)] = true;
  check_other_inputs(graph, made);
  for (int i = 0; i < graph.layer_count(); ++i) {
    check_connections(graph, i, made);
    check_shape(graph, i);
    check_map(graph, i);
  }
  for (std::size_t t = 0; t < made.size(); ++t)
    if (!made[t]) throw GraphError(fmt::format("graph: no layer makes tensor {}", t));
  if (graph.has_several_ends()) check_several_ends(graph);
  if (graph.has_several_ends() && is_streaming(graph))
    throw GraphError("graph: a network that keeps rows from call to call has one input and one output");
  if (!graph.names.empty()) check_names(graph);
  if (!graph.parameters.empty()) check_parameters(graph);
  if (graph.quant) check_quantization(graph);
}

}  // namespace tinynas::ir
