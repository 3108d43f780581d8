#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
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

/// The learning rate of step `step` of `steps` (from 0): finite, 0 or more.
using ScheduleFn = std::function<double(std::int64_t step, std::int64_t steps)>;

/// What a step tells the log.
struct StepReport {
  double loss = 0;
  double right = kNotCounted;  ///< share of the batch's images, as they were trained on
  static constexpr double kNotCounted = std::numeric_limits<double>::quiet_NaN();
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
    /// See Checkpoint. It must name the schedule and the loss too, if they are not the recipe's own.
    std::string fingerprint = {};
    int loader_workers = 0;  ///< threads that make batches ahead of the steps
    /// Empty: scheduled_rate with the recipe's warm-up, up to its learning_rate * batch / 256.
    ScheduleFn schedule = {};
    /// Called before each step; true: it rearranged the parameters, so that momenta and averages start anew.
    std::function<bool(std::int64_t)> rearrange = {};
    double checkpoint_minutes = 5;  ///< also inside of long epochs
    /// Who trains together, each on its share of every batch: all start from the first one's checkpoint, and
    /// average gradients. Null: this process alone.
    Processes* processes = nullptr;
  };
  Trainer(std::vector<torch::Tensor> parameters, const Recipe& recipe, BatchLoader loader, Options options);

  /// Trains to the end of the recipe, and leaves the parameters at their averages if it keeps any; returns
  /// its number of epochs. Throws InterruptedError, with a checkpoint written, if `stop` was requested, and
  /// ConfigError if a loss is not finite or a rate is not one.
  int run(const StepFn& step, const ProgressFn& progress, const StopToken& stop);

 private:
  void restore();
  void start_alike();
  void save();
  struct Agreed {
    StepReport report;
    bool stop = false;
  };
  Agreed agree(const StepReport& own, const StopToken& stop);
  /// Of the step at hand.
  double rate(std::int64_t steps) const;
  Agreed make_gradients(const StepFn& step, const StopToken& stop);
  struct Epoch {
    int number = 0;        ///< from 1
    StepReport mean;       ///< over its steps
    double last_rate = 0;  ///< the learning rate of its last step
    double images_per_second = 0;
  };
  void report_epoch(const Epoch& epoch) const;

  Recipe recipe_;
  BatchQueue batches_;
  Options options_;
  FlatSgd optimizer_;
  std::int64_t step_ = 0;
};

}  // namespace tinynas::train
