#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "tinynas/core/rng.h"
#include "tinynas/space/search_space.h"
#include "tinynas/supernet/supernet.h"
#include "tinynas/train/stages.h"
#include "tinynas/train/trainer.h"

namespace tinynas::train {

/// A way to train a supernet: which sub-networks a step trains, and how they learn. One row each;
/// docs/training.md says what they are good for.
struct RecipeRow {
  std::string_view name;
  /// Weight of the soft labels of the step's first sub-network for the others; 0: they learn the labels
  /// alone.
  double distillation;
};
/// uniform | sandwich | progressive | mcunet. ConfigError names the nearest one.
const RecipeRow& recipe_row(const std::string& name);
std::vector<std::string_view> recipe_names();

/// The sub-networks of one step; their gradients are averaged. `done` is the share of the training before it.
std::vector<space::Genome> plan_step(const Recipe& recipe, const space::SearchSpace& space, double done,
                                     Rng rng);

/// Whether channels are sorted by importance before step `step` of `steps` (once, as "mcunet" starts to train
/// smaller sub-networks).
bool sorts_channels(const Recipe& recipe, std::int64_t step, std::int64_t steps);

/// Cross entropy with label smoothing (arXiv:1512.00567 section 7).
torch::Tensor label_loss(const torch::Tensor& logits, const torch::Tensor& labels, double smoothing);
/// The same for both labels of a batch whose images are blended (arXiv:1710.09412), by their shares.
torch::Tensor label_loss(const torch::Tensor& logits, const Batch& batch, double smoothing);
/// Cross entropy against the teacher's probabilities (arXiv:1503.02531 section 2, temperature 1).
torch::Tensor distillation_loss(const torch::Tensor& logits, const torch::Tensor& teacher_logits);

/// The step of a supernet training of `steps` steps: draws each step's sub-networks from rng.fork("path",
/// step) and accumulates their gradients. `net` must outlive the function. `peers` share batch statistics.
/// Batches have the space's largest resolution; smaller networks see them resized.
StepFn supernet_step(const supernet::Supernet& net, const Recipe& recipe, std::int64_t steps, const Rng& rng,
                     const supernet::Peers& peers = {});
/// The step of one network alone.
StepFn network_step(const supernet::Network& network, const Recipe& recipe,
                    const supernet::Peers& peers = {});

}  // namespace tinynas::train
