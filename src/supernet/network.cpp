#include "tinynas/supernet/network.h"

#include <fmt/format.h>

#include <cmath>

#include "tinynas/core/error.h"

namespace tinynas::supernet {
namespace {

std::int64_t fan_in(const ir::Graph& graph, const ir::Layer& layer) {
  const std::int64_t channels = layer.op == ir::OpKind::kDepthwiseConv2d ? 1 : graph.in_shape(layer).c;
  return channels * layer.kernel_h * layer.kernel_w;
}

std::vector<std::int64_t> weight_shape(const ir::Graph& graph, const ir::Layer& layer) {
  const std::int64_t in = graph.in_shape(layer).c, out = graph.out_shape(layer).c;
  if (layer.op == ir::OpKind::kDense) return {out, in};
  return {out, layer.op == ir::OpKind::kDepthwiseConv2d ? 1 : in, layer.kernel_h, layer.kernel_w};
}

torch::Tensor normal_tensor(const std::vector<std::int64_t>& shape, double deviation, Rng rng) {
  torch::Tensor tensor = torch::empty(shape);
  float* values = tensor.data_ptr<float>();
  for (std::int64_t i = 0; i < tensor.numel(); ++i) values[i] = static_cast<float>(deviation * rng.normal());
  return tensor;
}

LayerTensors make_layer(const ir::Graph& graph, const ir::Layer& layer, const Rng& rng) {
  LayerTensors tensors;
  if (layer.op != ir::OpKind::kConv2d && layer.op != ir::OpKind::kDepthwiseConv2d &&
      layer.op != ir::OpKind::kDense)
    return tensors;
  const bool dense = layer.op == ir::OpKind::kDense;
  // ReLU halves the variance (the 2); logits have no ReLU after them.
  const double deviation = std::sqrt((dense ? 1.0 : 2.0) / static_cast<double>(fan_in(graph, layer)));
  const std::int64_t out = graph.out_shape(layer).c;
  tensors.weight = normal_tensor(weight_shape(graph, layer), deviation, rng);
  if (dense) {
    tensors.bias = torch::zeros({out});
  } else {
    tensors.gamma = torch::ones({out});
    tensors.beta = torch::zeros({out});
  }
  return tensors;
}

torch::Tensor activate(const torch::Tensor& x, ir::Activation activation) {
  switch (activation) {
    case ir::Activation::kRelu:
      return torch::relu(x);
    case ir::Activation::kRelu6:
      return torch::clamp(x, 0, 6);
    default:
      return x;
  }
}

torch::Tensor normalize(const LayerTensors& tensors, const torch::Tensor& x, Statistics statistics) {
  const bool batch = statistics == Statistics::kBatch;
  TINYNAS_CHECK(batch || tensors.mean.defined(), "batch norm was not re-estimated");
  return torch::batch_norm(x, tensors.gamma, tensors.beta, batch ? torch::Tensor() : tensors.mean,
                           batch ? torch::Tensor() : tensors.variance, batch, /*momentum=*/0,
                           ir::kBatchNormEpsilon, /*cudnn_enabled=*/true);
}

torch::Tensor convolve(const ir::Layer& layer, const LayerTensors& tensors, const torch::Tensor& x) {
  TINYNAS_CHECK(layer.pad_top == layer.pad_bottom && layer.pad_left == layer.pad_right,
                "uneven padding is not trained");
  const std::int64_t groups = layer.op == ir::OpKind::kDepthwiseConv2d ? tensors.weight.size(0) : 1;
  return torch::conv2d(x, tensors.weight, tensors.bias, {layer.stride_h, layer.stride_w},
                       {layer.pad_top, layer.pad_left}, {1, 1}, groups);
}

}  // namespace

Network make_network(ir::Graph graph, const Rng& rng) {
  Network network{.graph = std::move(graph), .layers = {}};
  for (std::size_t i = 0; i < network.graph.layers.size(); ++i)
    network.layers.push_back(make_layer(network.graph, network.graph.layers[i], rng.fork("layer", i)));
  for (torch::Tensor& parameter : parameters(network)) parameter.requires_grad_(true);
  return network;
}

std::vector<torch::Tensor> parameters(const Network& network) {
  std::vector<torch::Tensor> all;
  for (const LayerTensors& layer : network.layers)
    for (const torch::Tensor& tensor : {layer.weight, layer.bias, layer.gamma, layer.beta})
      if (tensor.defined()) all.push_back(tensor);
  return all;
}

Network detached_copy(const Network& network) {
  Network copy = network;
  for (LayerTensors& layer : copy.layers) {
    for (torch::Tensor* tensor : {&layer.weight, &layer.bias, &layer.gamma, &layer.beta})
      if (tensor->defined())
        *tensor = tensor->detach().clone(torch::MemoryFormat::Contiguous).requires_grad_(true);
    for (torch::Tensor* tensor : {&layer.mean, &layer.variance})
      if (tensor->defined()) *tensor = tensor->detach().clone();
  }
  return copy;
}

void to_device(Network& network, const torch::Device& device) {
  for (LayerTensors& layer : network.layers)
    for (torch::Tensor* tensor :
         {&layer.weight, &layer.bias, &layer.gamma, &layer.beta, &layer.mean, &layer.variance})
      if (tensor->defined()) *tensor = tensor->detach().to(device).requires_grad_(tensor->requires_grad());
}

torch::Tensor forward(const Network& network, const torch::Tensor& images, Statistics statistics,
                      const NormObserver& observe) {
  const ir::Graph& graph = network.graph;
  std::vector<torch::Tensor> values(graph.tensors.size());
  values[static_cast<std::size_t>(graph.input)] = images;
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    const ir::Layer& layer = graph.layers[i];
    const LayerTensors& tensors = network.layers[i];
    const torch::Tensor& x = values[static_cast<std::size_t>(layer.inputs[0])];
    torch::Tensor y;
    switch (layer.op) {
      case ir::OpKind::kConv2d:
      case ir::OpKind::kDepthwiseConv2d:
        // One input channel has no layout of its own; without this the whole network would run contiguous.
        y = convolve(layer, tensors, x).contiguous(torch::MemoryFormat::ChannelsLast);
        if (observe) observe(i, y);
        if (tensors.gamma.defined()) y = normalize(tensors, y, statistics);
        y = activate(y, layer.activation);
        break;
      case ir::OpKind::kAdd:
        y = activate(x + values[static_cast<std::size_t>(layer.inputs[1])], layer.activation);
        break;
      case ir::OpKind::kGlobalAveragePool:
        y = x.mean({2, 3}, /*keepdim=*/true);
        break;
      case ir::OpKind::kDense:
        y = torch::linear(x.flatten(1), tensors.weight, tensors.bias);
        break;
      default:
        throw UnsupportedError(fmt::format("{}: this operation is not trained by tinynas",
                                           ir::describe_layer(graph, static_cast<int>(i))));
    }
    values[static_cast<std::size_t>(layer.output)] = std::move(y);
  }
  return values[static_cast<std::size_t>(graph.output)].flatten(1);
}

}  // namespace tinynas::supernet
