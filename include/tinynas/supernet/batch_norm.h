#pragma once

#include <functional>

#include "tinynas/supernet/network.h"

namespace tinynas::supernet {

/// Batch b of the images that statistics are estimated on, [N, C, H, W].
using BatchSource = std::function<torch::Tensor(std::size_t)>;

/// Sets mean and variance of every batch norm to those of `batches` batches of images, layers before it
/// normalised by their own batch (Yu 2019, arXiv:1903.05134 section 3.3): a sub-network of a supernet cannot
/// use statistics that other sub-networks gathered.
void reestimate_batch_norm(Network& network, const BatchSource& source, std::size_t batches,
                           Precision precision = Precision::kFloat);

/// The same function with batch norm folded into weights and biases: faster to evaluate.
Network fold_batch_norm(const Network& network);

}  // namespace tinynas::supernet
