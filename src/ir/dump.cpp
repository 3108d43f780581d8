#include <fmt/format.h>

#include "tinynas/ir/graph.h"
#include "tinynas/ir/ops.h"

namespace tinynas::ir {
namespace {

std::string window_text(const Layer& l) {
  const std::string dilation = l.dilation_h == 1 ? "" : fmt::format(" dilation {}", l.dilation_h);
  return fmt::format(" {}x{} stride {}x{} pad {},{},{},{}{}{}", l.kernel_h, l.kernel_w, l.stride_h,
                     l.stride_w, l.pad_top, l.pad_left, l.pad_bottom, l.pad_right, dilation,
                     l.streams ? " streams" : "");
}

std::string tensor_text(const Graph& graph, int tensor) {
  const Shape& s = graph.tensor(tensor);
  std::string text = fmt::format("t{}[{},{},{}]", tensor, s.h, s.w, s.c);
  if (graph.quant) {
    const TensorQuant& q = graph.quant_of(tensor);
    text += fmt::format(" {}*(q{:+})", q.scale, -q.zero_point);
  }
  return text;
}

}  // namespace

std::string describe_layer(const Graph& graph, int layer) {
  const auto index = at(layer);
  if (index < graph.names.size()) return fmt::format("layer {} ({})", layer, graph.names[index]);
  if (index < graph.layers.size())
    return fmt::format("layer {} ({})", layer, layer_word(graph.layers[index]));
  return fmt::format("layer {}", layer);
}

std::string dump(const Graph& graph) {
  std::string text;
  for (int i = 0; i < graph.input_count(); ++i)
    text += "input " + tensor_text(graph, graph.input_tensor(i)) + "\n";
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    const Layer& layer = graph.layers[i];
    text += fmt::format("{:3} {}", i, layer_word(layer));
    if (i < graph.names.size()) text += " " + graph.names[i];
    if (op_info(layer.op).windowed) text += window_text(layer);
    if (op_info(layer.op).scales_up) text += fmt::format(" x{},{}", layer.stride_h, layer.stride_w);
    if (layer.op == OpKind::kSlice || layer.op == OpKind::kReshape) text += window_text(layer);
    if (layer.op == OpKind::kGather) text += fmt::format(" [{}]", fmt::join(graph.maps[at(layer.map)], ","));
    if (has_number(layer.function))
      text += fmt::format(" {} {}", layer.function == Function::kLeakyRelu ? "slope" : "bound", layer.slope);
    if (layer.activation != Activation::kNone) text += fmt::format(" {}", activation_name(layer.activation));
    text += fmt::format(": t{}", layer.inputs[0]);
    if (layer.inputs[1] >= 0) text += fmt::format(", t{}", layer.inputs[1]);
    text += " -> " + tensor_text(graph, layer.output);
    if (const Macs macs = layer_macs(graph, layer); macs > 0) text += fmt::format(", {} MAC", macs);
    text += "\n";
  }
  for (int i = 0; i < graph.output_count(); ++i)
    text += "output " + tensor_text(graph, graph.output_tensor(i)) + "\n";
  return text;
}

}  // namespace tinynas::ir
