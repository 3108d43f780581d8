#include "tinynas/train/steps.h"

#include "tinynas/core/error.h"
#include "tinynas/supernet/forward.h"
#include "tinynas/train/recipes.h"
#include "tinynas/train/resize.h"
#include "train/mixed_precision.h"

namespace tinynas::train {
namespace {

/// Float logits. On the CPU the house's own kernels know what is safe in bfloat16, on a GPU LibTorch does.
torch::Tensor forward(const supernet::Network& network, const torch::Tensor& images, const Recipe& recipe,
                      const supernet::Peers& peers) {
  const MixedPrecision on_gpu(recipe.mixed_precision && !images.is_cpu());
  const auto precision =
      recipe.mixed_precision ? supernet::Precision::kBfloat16 : supernet::Precision::kFloat;
  return supernet::forward(network, images, {.precision = precision, .peers = peers}).to(torch::kFloat);
}

LossFn loss_or_default(const StepOptions& options, const Recipe& recipe) {
  if (!options.loss)
    return [smoothing = recipe.label_smoothing](const torch::Tensor& logits, const Batch& batch) {
      return label_loss(logits, batch, smoothing);
    };
  return [loss = options.loss](const torch::Tensor& logits, const Batch& batch) {
    const torch::Tensor value = loss(logits, batch);
    if (!value.defined() || value.numel() != 1 || !value.requires_grad())
      throw ConfigError(
          "train: the loss that was given does not return one number made of the logits, a batch's mean");
    return value;
  };
}

/// Share of a batch whose largest logit is its label's; of a blended image, that of the larger part.
double share_right(const torch::Tensor& logits, const Batch& batch) {
  const torch::NoGradGuard no_grad;
  const torch::Tensor labels = batch.other_labels.defined()
                                   ? torch::where(batch.share >= 0.5, batch.labels, batch.other_labels)
                                   : batch.labels;
  return logits.argmax(1).eq(labels).to(torch::kDouble).mean().item<double>();
}

}  // namespace

StepFn supernet_step(const supernet::Supernet& net, const Recipe& recipe, std::int64_t steps, const Rng& rng,
                     const StepOptions& options) {
  const RecipeRow& row = recipe_row(recipe.name);
  const double soft = row.soft_labels > 0 && recipe.distillation > 0 ? recipe.distillation : row.soft_labels;
  return [&net, &row, recipe, steps, rng, soft, peers = options.peers,
          loss_of = loss_or_default(options, recipe)](std::int64_t step, const Batch& batch) {
    const double done = static_cast<double>(step) / static_cast<double>(steps);
    Rng path = rng.fork("path", static_cast<std::uint64_t>(step));
    const auto genomes = row.draw(net.space(), done, path);
    const double share = 1.0 / static_cast<double>(genomes.size());
    torch::Tensor teacher;
    StepReport report{.loss = 0, .right = 0};
    for (const space::Genome& genome : genomes) {
      const torch::Tensor images = resize_batch(batch.images, net.space().resolutions[genome.resolution]);
      const torch::Tensor logits = forward(net.sub_network(genome), images, recipe, peers);
      const double weight = teacher.defined() ? soft : 0;
      torch::Tensor loss = (1 - weight) * loss_of(logits, batch);
      if (weight > 0) loss = loss + weight * distillation_loss(logits, teacher);
      (loss * share).backward();
      report.loss += share * loss.item<double>();
      report.right += share * share_right(logits, batch);
      if (!teacher.defined()) teacher = logits.detach();
    }
    return report;
  };
}

StepFn network_step(const supernet::Network& network, const Recipe& recipe, const StepOptions& options) {
  return [&network, recipe, peers = options.peers, loss_of = loss_or_default(options, recipe)](
             std::int64_t, const Batch& batch) {
    const torch::Tensor logits = forward(network, batch.images, recipe, peers);
    const torch::Tensor loss = loss_of(logits, batch);
    loss.backward();
    return StepReport{.loss = loss.item<double>(), .right = share_right(logits, batch)};
  };
}

}  // namespace tinynas::train
