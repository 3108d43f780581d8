#pragma once

#include <torch/torch.h>

#include <vector>

#include "tinynas/core/rng.h"
#include "tinynas/ir/graph.h"
#include "tinynas/supernet/tensors.h"

namespace tinynas::supernet {

/// A network that LibTorch can run: a bare ir::Graph and the tensors of its layers. A value whose tensors may
/// be views of somebody else's (a sub-network of a Supernet), so that gradients reach the owner.
struct Network {
  ir::Graph graph = {};
  std::vector<LayerTensors> layers = {};  ///< one per graph layer
};

/// Fresh tensors for every layer: He initialisation (arXiv:1502.01852 eq. 10, fan-in), gamma 1, beta 0, dense
/// weights of deviation 1 / sqrt(fan-in). Layer i draws from rng.fork("layer", i). GraphError if the graph is
/// not valid (ir::validate).
Network make_network(ir::Graph graph, const Rng& rng);

/// What a training updates, in layer order: weight, bias, gamma, beta of each layer.
std::vector<torch::Tensor> parameters(const Network& network);

/// Own tensors with equal values that require gradients: a sub-network becomes a network of its own.
Network detached_copy(const Network& network);
void to_device(Network& network, const torch::Device& device);
/// ConfigError if a layer's batch norm has no stored statistics yet.
void require_statistics(const LayerTensors& layer);

}  // namespace tinynas::supernet
