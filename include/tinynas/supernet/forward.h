#pragma once

#include "tinynas/supernet/network.h"
#include "tinynas/supernet/tensors.h"

namespace tinynas::supernet {

/// Logits [N, classes] of floating-point images [N, C, H, W]. Layers whose `gamma` is undefined (folded) have
/// a bias instead of batch norm. Throws UnsupportedError for an operation that is not trained here,
/// ConfigError for images of another shape or type, or if Statistics::kStored finds none.
torch::Tensor forward(const Network& network, const torch::Tensor& images, const ForwardOptions& options);

}  // namespace tinynas::supernet
