#include "tinynas/ir/builder.h"

#include <algorithm>

namespace tinynas::ir {

Builder::Builder(Graph& graph, Names names) : graph_(graph), names_(names) {
  graph_.tensors.clear();
  graph_.layers.clear();
  graph_.other_inputs.clear();
  graph_.other_outputs.clear();
  graph_.names.clear();
  graph_.parameters.clear();
  graph_.quant.reset();
  graph_.maps.clear();
}

int Builder::input(const Shape& shape) {
  graph_.input = graph_.tensor_count();
  graph_.tensors.push_back(shape);
  return graph_.input;
}

int Builder::other_input(const Shape& shape) {
  graph_.other_inputs.push_back(graph_.tensor_count());
  graph_.tensors.push_back(shape);
  return graph_.other_inputs.back();
}

int Builder::conv(int in, int channels, const LayerOptions& options) {
  return windowed(OpKind::kConv2d, in, channels, options);
}

int Builder::depthwise(int in, const LayerOptions& options) {
  return windowed(OpKind::kDepthwiseConv2d, in, 0, options);
}

int Builder::average_pool(int in, const LayerOptions& options) {
  return windowed(OpKind::kAveragePool, in, 0, options);
}

int Builder::max_pool(int in, const LayerOptions& options) {
  return windowed(OpKind::kMaxPool, in, 0, options);
}

int Builder::global_pool(int in, std::string_view name) {
  return append({.op = OpKind::kGlobalAveragePool, .inputs = {in, -1}}, 0, name);
}

int Builder::dense(int in, int channels, const LayerOptions& options) {
  return append({.op = OpKind::kDense, .activation = options.activation, .inputs = {in, -1}}, channels,
                options.name);
}

int Builder::add(int a, int b, const LayerOptions& options) { return joined(OpKind::kAdd, a, b, options); }
int Builder::mul(int in, int factor, const LayerOptions& options) {
  return joined(OpKind::kMul, in, factor, options);
}
int Builder::concat(int a, int b, const LayerOptions& options) {
  return joined(OpKind::kConcat, a, b, options);
}

int Builder::resize(int in, int factor, std::string_view name) {
  const auto stride = static_cast<std::int16_t>(factor);
  return append({.op = OpKind::kResizeNearest, .stride_h = stride, .stride_w = stride, .inputs = {in, -1}}, 0,
                name);
}

int Builder::function(int in, Function function, std::string_view name) {
  return append({.op = OpKind::kFunction, .function = function, .inputs = {in, -1}}, 0, name);
}

int Builder::softmax(int in, std::string_view name) {
  return append({.op = OpKind::kSoftmax, .inputs = {in, -1}}, 0, name);
}

int Builder::append(Layer layer, int channels, std::string_view name) {
  const Shape out = infer_output(graph_, layer, channels);
  layer.output = graph_.tensor_count();
  graph_.layers.push_back(layer);
  return made(out, name);
}

int Builder::made(const Shape& out, std::string_view name) {
  graph_.tensors.push_back(out);
  if (writes_names())
    graph_.names.push_back(name.empty() ? "layer" + std::to_string(graph_.layer_count() - 1)
                                        : prefix_ + std::string(name));
  return graph_.tensor_count() - 1;
}

int Builder::windowed(OpKind op, int in, int channels, const LayerOptions& options) {
  const auto kernel = static_cast<std::int16_t>(options.kernel);
  const auto stride = static_cast<std::int16_t>(options.stride);
  const auto pad = static_cast<std::int16_t>(options.padding == Padding::kHalf ? kernel / 2 : 0);
  const Shape from = shape(in);
  graph_.layers.push_back({.op = op,
                           .activation = options.activation,
                           .kernel_h = kernel,
                           .kernel_w = kernel,
                           .stride_h = stride,
                           .stride_w = stride,
                           .pad_top = pad,
                           .pad_left = pad,
                           .pad_bottom = pad,
                           .pad_right = pad,
                           .inputs = {in, -1},
                           .output = graph_.tensor_count()});
  if (kernel < 1 || stride < 1 || std::min(from.h, from.w) + 2 * pad < kernel)
    infer_output(graph_, graph_.layers.back(), channels);  // says what is wrong; too slow for the search
  return made({.h = window_output(from.h, kernel, stride, 2 * pad),
               .w = window_output(from.w, kernel, stride, 2 * pad),
               .c = op == OpKind::kConv2d ? channels : from.c},
              options.name);
}

int Builder::joined(OpKind op, int a, int b, const LayerOptions& options) {
  return append({.op = op, .activation = options.activation, .inputs = {a, b}}, 0, options.name);
}

}  // namespace tinynas::ir
