#pragma once

#include <torch/torch.h>

namespace tinynas::supernet {

/// parts[0] + parts[1] + ... of a float tensor on the CPU, which is overwritten. Added as a tree whose halves
/// are the halves of the parts: two processes that hold one half each, and add up what they find, find to the
/// bit what one process finds that holds them all.
torch::Tensor pairwise_sum(const torch::Tensor& parts);

}  // namespace tinynas::supernet
