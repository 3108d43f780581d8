#pragma once

#include <cstdint>
#include <vector>

#include "tinynas/app/experiment.h"

namespace tinynas::app {

/// The sizes a run works with: the config's own, or fitted once to a time limit. Kept in plan.json, so that a
/// resumed run does the same work.
struct Plan {
  int train_images = 0;  ///< training images an epoch sees
  int train_epochs = 0;
  int population = 0, generations = 0, parents = 0;
  int tune_epochs = 0;
  double macs_per_second = 0;  ///< measured while training the chosen space; 0: not measured (no time limit)
  double search_seconds = 0, tune_seconds = 0;  ///< of each target; 0: no time limit
  double step_macs = 0;  ///< what one image costs in a step of the supernet's training; 0: no time limit
  friend bool operator==(const Plan&, const Plan&) = default;

  /// Networks the evolution evaluates; the random baseline gets as many.
  int evaluations() const { return population * generations; }
};

/// Images that an epoch of tuning sees, when one of the supernet's training sees `train_images`.
int tuning_images(const Experiment& experiment, int train_images);

/// The config's own numbers. `images` is how many training images there are after the held-out ones.
Plan plan_from_config(const Experiment& experiment, int images);

/// What the time plan is worked out from.
struct Measured {
  double seconds_left = 0;  ///< of the limit, when planning ends
  double macs_per_second =
      0;                  ///< forward multiply-accumulates of training steps, random networks of the space
  double mean_macs = 0;   ///< of the space's networks that fit
  double step_macs = 0;   ///< what one image costs in a step of the supernet's recipe
  double large_macs = 0;  ///< 90th percentile of the networks that fit: what the winner may cost
  int images = 0;         ///< training images without the held-out ones
  int test_images = 0;
  std::vector<double> further_large_macs = {};  ///< the same percentile for every further target
};

/// Plans by the experiment's shares of the time that remains after a reserve for quantize, export, emulate
/// and report; with several targets each gets an equal part of those for search and tuning. When six epochs
/// do not fit, an epoch sees fewer images.
Plan plan_for_time(const Experiment& experiment, const Measured& measured);

/// Sizes population and tuning of one target by the plan's seconds for it. `mean_macs` and `large_macs` are
/// those of its own networks that fit, as in Measured.
void plan_target(Plan& plan, const Experiment& experiment, double mean_macs, double large_macs);

/// What is known when the winner is about to be tuned.
struct BeforeTuning {
  double seconds_left = 0;       ///< of the limit
  double images_per_second = 0;  ///< of the supernet's training; 0: not known
  double winner_macs = 0;
  int images = 0;  ///< that an epoch of tuning sees
  int test_images = 0;
  int further_targets = 0;  ///< to be searched and tuned after this one
};

/// Epochs of tuning that fill the time that is left, but for the further targets' share, at the speed that
/// the supernet's training had: nearer the limit than the plan made before anything was trained, on a machine
/// that became busier or idler. Without a time limit or a known speed, the plan's.
int tune_epochs_now(const Plan& plan, const BeforeTuning& now);

/// Epochs of the supernet's training, when an image costs `step_macs`.
double epochs_in(double seconds, double macs_per_second, double step_macs, int images);

/// Spaces that would get fewer in judged_share of the time limit are set aside: too few epochs to tell
/// networks apart.
constexpr double kLeastEpochs = 6;
/// A little more than the share that the supernet's training will have: speeds of spaces are interpolated.
double judged_share(const Experiment& experiment);

}  // namespace tinynas::app
