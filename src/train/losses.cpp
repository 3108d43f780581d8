#include "tinynas/train/losses.h"

namespace tinynas::train {

torch::Tensor label_loss(const torch::Tensor& logits, const torch::Tensor& labels, double smoothing) {
  return torch::nn::functional::cross_entropy(
      logits, labels, torch::nn::functional::CrossEntropyFuncOptions().label_smoothing(smoothing));
}

torch::Tensor label_loss(const torch::Tensor& logits, const Batch& batch, double smoothing) {
  if (!batch.other_labels.defined()) return label_loss(logits, batch.labels, smoothing);
  const auto each = [&](const torch::Tensor& labels) {
    return torch::nn::functional::cross_entropy(
        logits, labels,
        torch::nn::functional::CrossEntropyFuncOptions().label_smoothing(smoothing).reduction(torch::kNone));
  };
  return (batch.share * each(batch.labels) + (1 - batch.share) * each(batch.other_labels)).mean();
}

torch::Tensor distillation_loss(const torch::Tensor& logits, const torch::Tensor& teacher_logits) {
  const torch::Tensor targets = torch::softmax(teacher_logits.detach(), 1);
  return -(targets * torch::log_softmax(logits, 1)).sum(1).mean();
}

}  // namespace tinynas::train
