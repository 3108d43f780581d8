#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "tinynas/core/progress.h"
#include "tinynas/train/batch_queue.h"
#include "tinynas/train/optimizer.h"
#include "tinynas/train/recipe.h"

namespace tinynas::train {

class Processes;

/// Linear warm-up from 0, then half a cosine to 0 (Loshchilov and Hutter, arXiv:1608.03983 eq. 5): the rate
/// of step `step` of `steps`.
double scheduled_rate(double peak, std::int64_t step, std::int64_t steps, double warmup_steps);

/// What a step tells the log.
struct StepReport {
  double loss = 0;
};
/// Computes mean loss and its gradients (added to the parameters') for one batch. `step` counts from the
/// first step of the training, also after a resume.
using StepFn = std::function<StepReport(std::int64_t step, const Batch&)>;

/// The loop around every training: batches, learning rate, optimizer, checkpoints, metrics. Stopped or killed
/// at any step, it continues to the same bits.
class Trainer {
 public:
  struct Options {
    std::string stage = "training";         ///< name in metrics and messages: "supernet", "tuned"
    std::filesystem::path checkpoint = {};  ///< file; empty: none is read or written
    std::filesystem::path metrics = {};     ///< JSONL file, shared by the stages of a run; empty: none
    /// See Checkpoint.
    std::string fingerprint = {};
    int loader_workers = 0;  ///< threads that make batches ahead of the steps
    /// Called before each step; true: it rearranged the parameters, so that momenta and averages start anew.
    std::function<bool(std::int64_t)> rearrange = {};
    double checkpoint_minutes = 5;  ///< also inside of long epochs
    /// Who trains together, each on its share of every batch: all start from the first one's checkpoint, and
    /// average gradients. Null: this process alone.
    Processes* processes = nullptr;
  };
  Trainer(std::vector<torch::Tensor> parameters, const Recipe& recipe, BatchLoader loader, Options options);

  /// Trains to the end of the recipe, and leaves the parameters at their averages if it keeps any; returns
  /// its number of epochs. Throws InterruptedError, with a checkpoint written, if `stop` was requested.
  int run(const StepFn& step, const ProgressFn& progress, const StopToken& stop);

 private:
  void restore();
  void start_alike();
  void save();
  struct Agreed {
    double loss = 0;
    bool stop = false;
  };
  Agreed agree(const StepReport& own, const StopToken& stop);
  Agreed make_gradients(const StepFn& step, const StopToken& stop);
  void report_epoch(int epoch, double mean_loss, double images_per_second) const;

  Recipe recipe_;
  BatchQueue batches_;
  Options options_;
  FlatSgd optimizer_;
  std::int64_t step_ = 0;
};

}  // namespace tinynas::train
