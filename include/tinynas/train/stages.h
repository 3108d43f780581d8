#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "tinynas/core/progress.h"
#include "tinynas/data/dataset.h"
#include "tinynas/ir/weights.h"
#include "tinynas/search/oracle.h"
#include "tinynas/space/search_space.h"

/// The torch-free face of the training half: what app calls, in plain arrays and ir::Weights. With several
/// processes (Context::processes) the first one calls these, and the others serve it; batches, and genomes to
/// evaluate, are shared out, and results are the same up to the rounding of sums.
namespace tinynas::train {

class Processes;

/// Settings of a supernet training or a fine-tuning.
struct Recipe {
  std::string name = "uniform";  ///< uniform | sandwich | progressive | mcunet
  int epochs = 12;
  int batch = 128;
  double learning_rate = 0.3;  ///< peak, per 256 samples; scaled linearly with the batch
  double momentum = 0.9;
  double weight_decay = 5e-5;
  double label_smoothing = 0.1;
  double warmup_epochs = 0.5;
  double distillation = 0;  ///< weight of soft labels in recipes with a teacher; 0: the recipe's own
  bool flip = true;         ///< horizontal flips
  int crop_padding = 1;     ///< random crops of the image padded by so many pixels, mirrored
  double cutout = 0;        ///< side of the erased square as a share of the image; 0: none
  double colour = 0;        ///< brightness, contrast and saturation change by up to this share; 0: none
  double mixup = 0;         ///< alpha of the distribution that pairs of images are blended by; 0: none
  double clip_norm = 0;     ///< largest norm of a step's whole gradient; 0: any
  double average = 0;       ///< decay per step of the moving average of the weights that is kept; 0: none
  bool mixed_precision = false;  ///< convolutions in bfloat16 (supernet::Precision); GPUs, and CPUs that can
  friend bool operator==(const Recipe&, const Recipe&) = default;
};

/// What every training stage is given. `train` and `validation` already have the space's resolution; of a
/// space whose resolution is elastic they are as in the data set, and the stages resize them (data::resize).
struct Context {
  space::SearchSpace space;  ///< one width, and one resolution or elastic ones
  space::Task task;
  const data::ImageSet* train = nullptr;
  const data::ImageSet* validation = nullptr;
  data::PixelScaling pixels = {};
  std::uint64_t seed = 1;
  int threads = 0;                 ///< of each process; 0: the cores of this machine, shared by its processes
  std::string device = "cpu";      ///< cpu | cuda
  bool kernel_transforms = false;  ///< of the supernet (supernet/kernel_transforms.h)
  /// Networks of the supernet are evaluated in bfloat16 where this CPU has it, as the supernet was trained.
  bool mixed_precision = false;
  std::shared_ptr<Processes> processes = {};  ///< who trains and evaluates together; null: this process alone
};

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
  ir::Weights weights;  ///< names of lower_named(space, task, genome)
  double accuracy = 0;  ///< percent on context.validation
};

/// Extracts `genome` from the supernet and trains it alone by `recipe`; checkpoints to `folder`/`name`.pt and
/// resumes. With `from_scratch` the weights are drawn anew instead of inherited. recipe.epochs == 0:
/// extraction and batch-norm re-estimation only.
struct TuneOptions {
  std::string name = "tuned";
  bool from_scratch = false;
  std::filesystem::path supernet = {};  ///< folder that supernet.pt lies in; empty: `folder`
};
Tuned tune(const Context& context, const space::Genome& genome, const Recipe& recipe,
           const std::filesystem::path& folder, const TuneOptions& options, const ProgressFn& progress,
           const StopToken& stop);

}  // namespace tinynas::train
