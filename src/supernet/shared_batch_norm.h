#pragma once

#include "tinynas/supernet/tensors.h"

namespace tinynas::supernet {

/// Batch norm by LibTorch's operators, on any device, whose mean and variance are those of all processes'
/// shares of the batch. Gradients of gamma and beta are this process's part.
torch::Tensor shared_batch_norm(const LayerTensors& tensors, const torch::Tensor& x, const Peers& peers);

}  // namespace tinynas::supernet
