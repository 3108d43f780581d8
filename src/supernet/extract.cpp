#include "tinynas/supernet/extract.h"

#include <fmt/format.h>

#include "tinynas/core/error.h"

namespace tinynas::supernet {
namespace {

/// [Cout, Cin, Kh, Kw] <-> [Cout, Kh, Kw, Cin] for convolutions, [C, 1, Kh, Kw] <-> [C, Kh, Kw] for
/// depthwise.
torch::Tensor to_ir_order(const ir::Layer& layer, const torch::Tensor& weight) {
  if (layer.op == ir::OpKind::kConv2d) return weight.permute({0, 2, 3, 1});
  return layer.op == ir::OpKind::kDepthwiseConv2d ? weight.squeeze(1) : weight;
}
torch::Tensor from_ir_order(const ir::Layer& layer, const torch::Tensor& weight) {
  if (layer.op == ir::OpKind::kConv2d) return weight.permute({0, 3, 1, 2});
  return layer.op == ir::OpKind::kDepthwiseConv2d ? weight.unsqueeze(1) : weight;
}

ir::Blob to_blob(const torch::Tensor& tensor) {
  const torch::Tensor plain = tensor.detach().to(torch::kCPU).contiguous(torch::MemoryFormat::Contiguous);
  ir::Blob blob;
  blob.shape.assign(plain.sizes().begin(), plain.sizes().end());
  blob.data.assign(plain.data_ptr<float>(), plain.data_ptr<float>() + plain.numel());
  return blob;
}

/// The parts of a layer beside its weight, by their names in ir::Weights.
struct Part {
  const char* suffix;
  torch::Tensor LayerTensors::*member;
};
constexpr std::array kParts = {Part{".bias", &LayerTensors::bias}, Part{".bn.gamma", &LayerTensors::gamma},
                               Part{".bn.beta", &LayerTensors::beta}, Part{".bn.mean", &LayerTensors::mean},
                               Part{".bn.variance", &LayerTensors::variance}};

torch::Tensor from_blob(const ir::Weights& weights, const std::string& name, const torch::Tensor& like) {
  const auto found = weights.find(name);
  if (found == weights.end()) throw GraphError(fmt::format("weights: '{}' is missing", name));
  const ir::Blob& blob = found->second;
  const std::vector<std::int64_t> shape(blob.shape.begin(), blob.shape.end());
  if (shape != like.sizes().vec() || static_cast<std::int64_t>(blob.data.size()) != like.numel())
    throw GraphError(fmt::format("weights: '{}' has shape [{}], the network needs [{}]", name,
                                 fmt::join(shape, ", "), fmt::join(like.sizes().vec(), ", ")));
  return torch::tensor(blob.data).reshape(shape);
}

/// Blobs are named by layers.
void require_names(const ir::Graph& graph) {
  if (graph.names.size() != graph.layers.size())
    throw GraphError(
        fmt::format("weights: {} names for {} layers; use a graph with names (space::lower_named)",
                    graph.names.size(), graph.layers.size()));
}

}  // namespace

ir::Weights to_weights(const Network& network) {
  const ir::Graph& graph = network.graph;
  require_names(graph);
  ir::Weights weights;
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    const LayerTensors& tensors = network.layers[i];
    if (!tensors.weight.defined()) continue;
    require_statistics(tensors);
    weights[graph.names[i] + ".weight"] = to_blob(to_ir_order(graph.layers[i], tensors.weight));
    for (const Part& part : kParts)
      if ((tensors.*part.member).defined())
        weights[graph.names[i] + part.suffix] = to_blob(tensors.*part.member);
  }
  return weights;
}

Network from_weights(ir::Graph graph, const ir::Weights& weights) {
  require_names(graph);
  Network network = make_network(std::move(graph), Rng());  // for its shapes
  const torch::NoGradGuard no_grad;
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    LayerTensors& tensors = network.layers[i];
    const ir::Layer& layer = network.graph.layers[i];
    const std::string& name = network.graph.names[i];
    if (!tensors.weight.defined()) continue;
    tensors.weight.copy_(
        from_ir_order(layer, from_blob(weights, name + ".weight", to_ir_order(layer, tensors.weight))));
    if (tensors.gamma.defined()) {
      tensors.mean = torch::zeros_like(tensors.gamma, torch::TensorOptions().requires_grad(false));
      tensors.variance = torch::ones_like(tensors.mean);
    }
    for (const Part& part : kParts)
      if (torch::Tensor& tensor = tensors.*part.member; tensor.defined())
        tensor.copy_(from_blob(weights, name + part.suffix, tensor));
  }
  return network;
}

}  // namespace tinynas::supernet
