#include "tinynas/app/plan.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tinynas::app {
namespace {

/// Before it is chosen, a space is judged by the epochs it would get in this many times the share of the time
/// that training will have.
constexpr double kJudged = 1.25;
/// Part of every share that is planned; the rest covers a busy machine, checkpoints and the end of epochs.
constexpr double kPlanned = 0.86;
/// The same of the time before the end, when nothing but tuning is left to be misjudged.
constexpr double kPlannedTuning = 0.95;
/// Batch-norm re-estimation and evaluation are forward passes alone: measured 8.6 times the pace of a
/// training step (100 networks of 6.2M MACs, 7,000 images each, in 83 s beside 8.4e9 MAC/s on 2 cores of an
/// EPYC).
constexpr double kForwardPerStep = 7.0;
/// Evolution drifts to networks larger than the space's mean.
constexpr double kEvolvedMacs = 1.4;
/// Start-up, emulator build and report of each target, and the interpreters' pace over test images (measured
/// on 2 cores of an EPYC).
constexpr double kReserveSeconds = 20;
constexpr double kInterpreterMacsPerSecond = 8e9;
constexpr int kInterpreterPasses = 2;  ///< int8 and float

constexpr int kMostEpochs = 400;
constexpr int kLeastPopulation = 6, kMostPopulation = 100, kMostGenerations = 30;
constexpr int kLeastImages = 1000;

int whole(double value, int low, int high) {
  return static_cast<int>(std::clamp(std::floor(value), static_cast<double>(low), static_cast<double>(high)));
}

/// Twice as many networks in a generation as generations: 200 evaluations are 20 x 10.
void size_search(Plan& plan, double evaluations) {
  plan.population = whole(std::sqrt(2 * evaluations), kLeastPopulation, kMostPopulation);
  plan.generations = whole(evaluations / plan.population, 1, kMostGenerations);
  plan.parents = std::max(2, plan.population / 4);
}

/// Seconds after the tuning of `targets` targets, whose winners cost `macs` together.
double reserve_seconds(double targets, double test_images, double macs) {
  return targets * kReserveSeconds + kInterpreterPasses * test_images * macs / kInterpreterMacsPerSecond;
}

/// Images that the finalists of a search are trained on, each time it is seen.
double finals_images(const Experiment& e, const Plan& plan) {
  return e.search.finalists > 1 ? 1.0 * e.search.finalists * e.search.finalist_epochs * plan.train_images : 0;
}

}  // namespace

int tuning_images(const Experiment& e, int train_images) {
  return train_images + (e.data.tune_on_held_out ? e.data.held_out : 0);
}

Plan plan_from_config(const Experiment& e, int images) {
  return {.train_images = images,
          .train_epochs = e.train.epochs,
          .population = e.search.population,
          .generations = e.search.generations,
          .parents = e.search.parents,
          .tune_epochs = e.tune.epochs,
          .macs_per_second = 0};
}

double judged_share(const Experiment& e) { return std::min(1.0, kJudged * e.shares.train); }

double epochs_in(double seconds, double macs_per_second, double step_macs, int images) {
  return seconds * macs_per_second / (step_macs * images);
}

Plan plan_for_time(const Experiment& e, const Measured& m) {
  Plan plan{.train_images = m.images, .macs_per_second = m.macs_per_second, .step_macs = m.step_macs};
  const double targets = 1 + static_cast<double>(m.further_large_macs.size());
  const double all_large_macs =
      std::accumulate(m.further_large_macs.begin(), m.further_large_macs.end(), m.large_macs);
  const double reserve = reserve_seconds(targets, m.test_images, all_large_macs);
  // Never less than a third: a tight limit is then missed by a little rather than met with an untrained
  // network.
  const double usable = kPlanned * std::max(m.seconds_left - reserve, m.seconds_left / 3);

  const double image_passes = e.shares.train * usable * m.macs_per_second / m.step_macs;
  if (image_passes < kLeastEpochs * m.images)
    plan.train_images = whole(image_passes / kLeastEpochs, std::min(kLeastImages, m.images), m.images);
  plan.train_epochs = whole(image_passes / plan.train_images, 1, kMostEpochs);

  plan.search_seconds = e.shares.search * usable / targets;
  plan.tune_seconds = (1 - e.shares.train - e.shares.search) * usable / targets;
  plan_target(plan, e, m.mean_macs, m.large_macs);
  return plan;
}

void plan_target(Plan& plan, const Experiment& e, double mean_macs, double large_macs) {
  const double evaluation_s = (e.data.held_out + e.search.bn_images) * mean_macs * kEvolvedMacs /
                              (kForwardPerStep * plan.macs_per_second);
  size_search(plan, plan.search_seconds / 2 / evaluation_s);
  const double image_passes = plan.tune_seconds * plan.macs_per_second / large_macs - finals_images(e, plan);
  plan.tune_epochs = whole(image_passes / tuning_images(e, plan.train_images), 1, kMostEpochs);
}

int tune_epochs_now(const Plan& plan, const BeforeTuning& now) {
  const double speed = now.images_per_second * plan.step_macs;
  if (speed <= 0) return plan.tune_epochs;
  const double targets = 1 + now.further_targets;
  const double further = now.further_targets * (plan.search_seconds + plan.tune_seconds);
  const double usable =
      now.seconds_left - further - reserve_seconds(targets, now.test_images, targets * now.winner_macs);
  return whole(kPlannedTuning * usable * speed / (now.winner_macs * now.images), 1, kMostEpochs);
}

}  // namespace tinynas::app
