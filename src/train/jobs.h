#pragma once

#include <span>
#include <vector>

#include "tinynas/supernet/supernet.h"
#include "tinynas/train/evaluate.h"
#include "tinynas/train/loader.h"
#include "tinynas/train/recipe.h"
#include "tinynas/train/trainer.h"

/// The work of the training stages as every process does it: the first one with files, the others without.
namespace tinynas::train {

/// What the first process adds to a job; the others leave it empty.
struct JobControl {
  std::filesystem::path folder = {};  ///< empty: nothing is read or written
  ProgressFn progress = {};
  StopToken stop = {};
};

/// The supernet of a context with fresh weights, on its device.
supernet::Supernet make_supernet(const Context& context);
/// The same with the weights that a training left in `folder`.
supernet::Supernet load_supernet(const Context& context, const std::filesystem::path& folder);
/// Everybody's weights become the first process's.
void share_weights(const Context& context, const supernet::Supernet& net);

/// The training images at the largest resolution of the space: the context's own if they have it, otherwise
/// made in `room`.
const data::ImageSet& largest_images(const Context& context, data::ImageSet& room);
/// This process's share of training images.
BatchLoader make_loader(const Context& context, const data::ImageSet& images, const Recipe& recipe,
                        const Rng& rng);
/// Threads that make batches ahead of the steps: on the cores that a GPU leaves free. A step on the CPU has
/// all cores busy; a worker beside it would take more from it than the batch takes its own threads
/// (bench_train_loader).
int loader_workers(const Context& context);
/// Runs `step` on batches that lie on the context's device.
StepFn on_device(const Context& context, StepFn step);
supernet::Peers peers_of(const Context& context);

/// ConfigError where the context's device does not do the recipe's precision.
void require_precision(const Context& context, const Recipe& recipe);

int train_supernet_job(const Context& context, const Recipe& recipe, const JobControl& control);

/// Trains `network` alone, in place.
void tune_job(const Context& context, const Recipe& recipe, const supernet::Network& network,
              const space::Genome& genome, const std::string& name, const JobControl& control);

/// What a supernet's oracle is asked.
struct Question {
  std::span<const space::Genome> genomes;
  double cutoff = search::kNoCutoff;
};
/// Accuracies of sub-networks, shared out to the processes by their index.
std::vector<search::Measurement> evaluate_job(const Context& context, const supernet::Supernet& net,
                                              const EvaluationImages& images, const Question& question,
                                              const StopToken& stop);

/// Multiply-accumulates of forward passes a second, over all processes.
double measure_job(const Context& context, const Recipe& measured);

}  // namespace tinynas::train
