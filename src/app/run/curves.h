#pragma once

#include <functional>

#include "tinynas/app/run_directory.h"
#include "tinynas/core/progress.h"

/// RUN/tensorboard: curves of a run for `tensorboard --logdir RUN/tensorboard`, from train.jsonl and the
/// histories. Files only grow while a run goes on, so that it can be watched; resumed or written again they
/// hold nothing twice.
namespace tinynas::app {

/// Of the supernet's training and of the winner's, over epochs.
void write_training_curves(const RunDirectory& run);
/// Of evolution and of random search, over networks evaluated.
void write_search_curves(const RunDirectory& run);

/// Passes progress on, and calls `update` whenever another `step` of it is done.
ProgressFn at_every(double step, const ProgressFn& progress, const std::function<void()>& update);

}  // namespace tinynas::app
