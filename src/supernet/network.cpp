#include "tinynas/supernet/network.h"

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
  // ReLU halves the variance (the 2); logits and gates have no ReLU after them.
  const bool bare = dense && layer.activation == ir::Activation::kNone;
  const double deviation = std::sqrt((bare ? 1.0 : 2.0) / static_cast<double>(fan_in(graph, layer)));
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

}  // namespace

Network make_network(ir::Graph graph, const Rng& rng) {
  ir::validate(graph);
  Network network{.graph = std::move(graph)};
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

void require_statistics(const LayerTensors& layer) {
  if (layer.gamma.defined() && !layer.mean.defined())
    throw ConfigError("batch norm was not re-estimated; call reestimate_batch_norm first");
}

void to_device(Network& network, const torch::Device& device) {
  for (LayerTensors& layer : network.layers)
    for (torch::Tensor* tensor :
         {&layer.weight, &layer.bias, &layer.gamma, &layer.beta, &layer.mean, &layer.variance})
      if (tensor->defined()) *tensor = tensor->detach().to(device).requires_grad_(tensor->requires_grad());
}

}  // namespace tinynas::supernet
