#pragma once

#include <torch/torch.h>

#include <functional>

/// What every part of the supernet speaks of: the tensors of a layer, and how a forward pass treats them.
namespace tinynas::supernet {

/// Tensors of one layer; undefined where the layer has none. Convolutions carry batch norm, dense layers a
/// bias. Shapes: conv [Cout, Cin, K, K], depthwise [C, 1, K, K], dense [Cout, Cin], all others [Cout].
struct LayerTensors {
  torch::Tensor weight = {}, bias = {};
  torch::Tensor gamma = {}, beta = {};  ///< batch norm, learned
  /// Batch norm, re-estimated (reestimate_batch_norm); undefined before.
  torch::Tensor mean = {}, variance = {};
};

/// Which mean and variance batch norm divides by: the batch's own, or those stored in LayerTensors.
enum class Statistics { kBatch, kStored };

/// Mean and population variance per channel, double, of `count` values each.
struct Moments {
  torch::Tensor mean = {}, variance = {};
  double count = 0;
};
/// Called with the index of a layer and the moments of what enters its batch norm.
using NormObserver = std::function<void(std::size_t, const Moments&)>;

/// The kernels that compute: LibTorch's, or where they apply those of chain.h (if this CPU has them).
enum class Kernels { kFastest, kLibTorch };

/// What full convolutions on the CPU compute in where their batch norm's kernels are ours. Weights, sums and
/// everything else stay float (Kalamkar 2019, arXiv:1905.12322).
enum class Precision { kFloat, kBfloat16 };

/// Processes that train one network together, each on an equal share of every batch.
struct Peers {
  int count = 1;
  /// Adds a tensor up over all of them, in place; all call it for the same tensors in the same order. Empty
  /// for a process alone.
  std::function<void(torch::Tensor&)> add_up = {};
};

struct ForwardOptions {
  Statistics statistics = Statistics::kBatch;
  Kernels kernels = Kernels::kFastest;
  Precision precision = Precision::kFloat;
  NormObserver observe = {};  ///< with Statistics::kBatch only
  Peers peers = {};           ///< a batch's statistics are those of all shares
};

}  // namespace tinynas::supernet
