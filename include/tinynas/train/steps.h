#pragma once

#include <cstdint>

#include "tinynas/core/rng.h"
#include "tinynas/supernet/supernet.h"
#include "tinynas/train/losses.h"
#include "tinynas/train/recipe.h"
#include "tinynas/train/trainer.h"

namespace tinynas::train {

/// What a step can be given beside its recipe.
struct StepOptions {
  supernet::Peers peers = {};  ///< share batch statistics
  /// What is learnt from labels; empty: label_loss with the recipe's smoothing. Soft labels have theirs.
  LossFn loss = {};
};

/// The step of a supernet training of `steps` steps: draws each step's sub-networks from rng.fork("path",
/// step) and accumulates their gradients. `net` must outlive the function. Batches have the space's largest
/// resolution; smaller networks see them resized.
StepFn supernet_step(const supernet::Supernet& net, const Recipe& recipe, std::int64_t steps, const Rng& rng,
                     const StepOptions& options = {});
/// The step of one network alone, which must outlive the function.
StepFn network_step(const supernet::Network& network, const Recipe& recipe, const StepOptions& options = {});

}  // namespace tinynas::train
