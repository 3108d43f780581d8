#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "tinynas/core/progress.h"
#include "tinynas/ir/weights.h"
#include "tinynas/search/oracle.h"
#include "tinynas/train/context.h"
#include "tinynas/train/recipe.h"

/// The torch-free face of the training half: what app calls, in plain arrays and ir::Weights. With several
/// processes (Context::processes) the first one calls these, and the others serve it; batches, and genomes to
/// evaluate, are shared out, and results are the same up to the rounding of sums.
namespace tinynas::train {

/// This process and those that torchrun, mpirun or srun started with it (processes.h says how they are
/// found); null if it is alone. Waits until all have joined.
std::shared_ptr<Processes> join_processes();
/// Whether this process shall `serve`; all but the first one.
bool is_worker(const Processes& processes);
int process_count(const Processes& processes);
/// Trains and evaluates what the first process asks for, with the images that it sends, until it is done.
void serve(Processes& processes, const StopToken& stop);

/// Training steps per second, as multiply-accumulates of the forward pass per second, on this machine and
/// these threads: a timed mix of random sub-networks of `context.space`, with the recipe's batch and
/// precision.
double measure_training_macs_per_second(const Context& context, const Recipe& recipe);

/// Multiply-accumulates of the forward passes that one training image costs under `recipe`, on average over
/// the training: epochs in a time are seconds * macs per second / (this * images).
double training_macs_per_image(const space::SearchSpace& space, const space::Task& task,
                               const Recipe& recipe);

/// Trains the supernet; checkpoints to `folder`/supernet.pt at every epoch (atomic) and continues from it if
/// it is there. Metrics are appended to `folder`/train.jsonl. Returns the number of epochs done in all.
int train_supernet(const Context& context, const Recipe& recipe, const std::filesystem::path& folder,
                   const ProgressFn& progress, const StopToken& stop);

/// Accuracy on `context.validation` after batch-norm re-estimation on `bn_images` training images, from the
/// trained supernet in `folder`. The answer for a genome does not depend on the others asked with it.
search::AccuracyOracle supernet_oracle(const Context& context, const std::filesystem::path& folder,
                                       int bn_images);

struct Tuned {
  ir::Weights weights = {};  ///< names of lower_named(space, task, genome)
  double accuracy = 0;       ///< percent on context.validation
};

/// How `tune` begins, and under which name.
struct TuneOptions {
  std::string name = "tuned";
  bool from_scratch = false;
  std::filesystem::path supernet = {};  ///< folder that supernet.pt lies in; empty: `folder`
};
/// Extracts `genome` from the supernet and trains it alone by `recipe`; checkpoints to `folder`/`name`.pt and
/// resumes. With `from_scratch` the weights are drawn anew instead of inherited. recipe.epochs == 0:
/// extraction and batch-norm re-estimation only.
Tuned tune(const Context& context, const space::Genome& genome, const Recipe& recipe,
           const std::filesystem::path& folder, const TuneOptions& options, const ProgressFn& progress,
           const StopToken& stop);

}  // namespace tinynas::train
