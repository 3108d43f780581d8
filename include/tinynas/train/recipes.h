#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "tinynas/core/rng.h"
#include "tinynas/space/search_space.h"
#include "tinynas/supernet/supernet.h"
#include "tinynas/train/loader.h"
#include "tinynas/train/stages.h"
#include "tinynas/train/trainer.h"

namespace tinynas::train {

/// Names of the supernet recipes, and throws ConfigError for another one:
///   uniform   one random sub-network a step (SPOS, arXiv:1904.00420 section 3)
///   sandwich  the largest, the smallest and two random ones a step; all but the largest learn its soft
///   labels
///             (BigNAS, arXiv:2003.11142 section 3.1)
std::span<const std::string_view> recipe_names();
void require_known_recipe(const Recipe& recipe);

/// The sub-networks of one step; their gradients are averaged.
struct StepPlan {
  std::vector<space::Genome> genomes;
  bool first_teaches = false;  ///< the others learn the soft labels of the first
};
StepPlan plan_step(const Recipe& recipe, const space::SearchSpace& space, Rng rng);

/// Cross entropy with label smoothing (arXiv:1512.00567 section 7).
torch::Tensor label_loss(const torch::Tensor& logits, const torch::Tensor& labels, double smoothing);
/// Cross entropy against the teacher's probabilities (arXiv:1503.02531 section 2, temperature 1).
torch::Tensor distillation_loss(const torch::Tensor& logits, const torch::Tensor& teacher_logits);

/// The step of a supernet training: draws the step's sub-networks from rng.fork("path", step) and
/// accumulates their gradients. `net` must outlive the function.
StepFn supernet_step(const supernet::Supernet& net, const Recipe& recipe, const Rng& rng);
/// The step of one network alone.
StepFn network_step(const supernet::Network& network, const Recipe& recipe);

}  // namespace tinynas::train
