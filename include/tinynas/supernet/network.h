#pragma once

#include <torch/torch.h>

#include <functional>
#include <vector>

#include "tinynas/core/rng.h"
#include "tinynas/ir/graph.h"
#include "tinynas/ir/weights.h"

namespace tinynas::supernet {

/// Tensors of one layer; undefined where the layer has none. Convolutions carry batch norm, dense layers a
/// bias. Shapes: conv [Cout, Cin, K, K], depthwise [C, 1, K, K], dense [Cout, Cin], all others [Cout].
struct LayerTensors {
  torch::Tensor weight, bias;
  torch::Tensor gamma, beta;     ///< batch norm, learned
  torch::Tensor mean, variance;  ///< batch norm, re-estimated (reestimate_batch_norm); undefined before
};

/// A network that LibTorch can run: a bare ir::Graph and the tensors of its layers. A value whose tensors may
/// be views of somebody else's (a sub-network of a Supernet), so that gradients reach the owner.
struct Network {
  ir::Graph graph;
  std::vector<LayerTensors> layers;  ///< one per graph layer
};

/// Fresh tensors for every layer: He initialisation (arXiv:1502.01852 eq. 10, fan-in), gamma 1, beta 0, dense
/// weights of deviation 1 / sqrt(fan-in). Layer i draws from rng.fork("layer", i).
Network make_network(ir::Graph graph, const Rng& rng);

/// What a training updates, in layer order: weight, bias, gamma, beta of each layer.
std::vector<torch::Tensor> parameters(const Network& network);

/// Own tensors with equal values that require gradients: a sub-network becomes a network of its own.
Network detached_copy(const Network& network);
void to_device(Network& network, const torch::Device& device);

/// Which mean and variance batch norm divides by: the batch's own, or those stored in LayerTensors.
enum class Statistics { kBatch, kStored };

/// Mean and population variance per channel, double, of `count` values each.
struct Moments {
  torch::Tensor mean, variance;
  double count = 0;
};
/// Called with the index of a layer and the moments of what enters its batch norm.
using NormObserver = std::function<void(std::size_t, const Moments&)>;

/// Whose kernels compute: LibTorch's, or where they apply those of chain.h (if this CPU has them).
enum class Kernels { kFastest, kLibTorch };

/// What full convolutions on the CPU compute in where their batch norm's kernels are ours. Weights, sums and
/// everything else stay float (Kalamkar 2019, arXiv:1905.12322).
enum class Precision { kFloat, kBfloat16 };

/// Processes that train one network together, each on an equal share of every batch.
struct Peers {
  int count = 1;
  /// Adds a tensor up over all of them, in place; all call it for the same tensors in the same order. Empty
  /// for a process alone.
  std::function<void(torch::Tensor&)> add_up;
};

struct ForwardOptions {
  Statistics statistics = Statistics::kBatch;
  Kernels kernels = Kernels::kFastest;
  Precision precision = Precision::kFloat;
  NormObserver observe = {};  ///< with Statistics::kBatch only
  Peers peers = {};           ///< a batch's statistics are those of all shares
};

/// Logits [N, classes] of images [N, C, H, W]. Layers whose `gamma` is undefined (folded) have a bias instead
/// of batch norm. Throws UnsupportedError for an operation that is not trained here.
torch::Tensor forward(const Network& network, const torch::Tensor& images, const ForwardOptions& options);

}  // namespace tinynas::supernet
