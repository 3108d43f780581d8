#pragma once

#include <torch/torch.h>

#include <functional>

#include "tinynas/train/loader.h"

namespace tinynas::train {

/// The mean loss of a batch, a tensor of one number, from logits [N, classes] and the batch (its labels [N]).
/// Blended batches have other_labels and share as well.
using LossFn = std::function<torch::Tensor(const torch::Tensor& logits, const Batch& batch)>;

/// Cross entropy with label smoothing (arXiv:1512.00567 section 7).
torch::Tensor label_loss(const torch::Tensor& logits, const torch::Tensor& labels, double smoothing);
/// The same for both labels of a batch whose images are blended (arXiv:1710.09412), by their shares.
torch::Tensor label_loss(const torch::Tensor& logits, const Batch& batch, double smoothing);
/// Cross entropy against the teacher's probabilities (arXiv:1503.02531 section 2, temperature 1).
torch::Tensor distillation_loss(const torch::Tensor& logits, const torch::Tensor& teacher_logits);

}  // namespace tinynas::train
