#include "tinynas/app/plan.h"

#include "app/support.h"
#include "support/catch.h"

namespace tinynas {
namespace {

using app::Experiment;
using app::Measured;
using app::Plan;

TEST_CASE("without a time limit the config's own numbers hold") {
  Experiment experiment;
  experiment.train.epochs = 7;
  experiment.search.population = 30;
  const Plan plan = app::plan_from_config(experiment, 55000);
  CHECK(plan.train_epochs == 7);
  CHECK(plan.population == 30);
  CHECK(plan.train_images == 55000);
  CHECK(plan.macs_per_second == 0);
}

TEST_CASE("a space is judged by its epochs in a little more than the supernet's share of the time") {
  Experiment experiment;
  CHECK(app::judged_share(experiment) == Approx(0.6));  // 1.25 * 48 %
  experiment.shares.train = 0.9;
  CHECK(app::judged_share(experiment) == 1);
  // 540 s * 10e9 MAC/s = 5.4e12 MAC; an epoch is 50,000 * 2e6 = 1e11 MAC: 54 epochs.
  CHECK(app::epochs_in(540, 10e9, 2e6, 50000) == Approx(54));
}

TEST_CASE("the shares of the time are the config's") {
  const Measured m{.seconds_left = 3600,
                   .macs_per_second = 5e9,
                   .mean_macs = 2e6,
                   .step_macs = 2e6,
                   .large_macs = 3e6,
                   .images = 50000};
  Experiment experiment;
  experiment.shares = {.train = 0.24, .search = 0.10};
  const Plan usual = app::plan_for_time({}, m), plan = app::plan_for_time(experiment, m);
  CHECK(plan.train_epochs == usual.train_epochs / 2);
  CHECK(plan.search_seconds == Approx(usual.search_seconds / 2));
  CHECK(plan.tune_seconds == Approx(usual.tune_seconds * 0.66 / 0.32));
}

TEST_CASE("shares that leave the winner nothing are refused") {
  Experiment experiment;
  app::override_value(experiment, "shares.train", "0.7", "--set");
  CHECK_THROWS_WITH(app::override_value(experiment, "shares.search", "0.3", "--set"),
                    Catch::Contains("shares.train 0.7 and shares.search 0.3 leave nothing"));
}

/// Seconds a plan takes at the measured speeds, without the reserve.
double planned_seconds(const Experiment& e, const Plan& plan, const Measured& m) {
  const double train = plan.train_epochs * m.mean_macs * plan.train_images / m.macs_per_second;
  const double tune = plan.tune_epochs * m.large_macs * plan.train_images / m.macs_per_second;
  const double evaluation = m.mean_macs * (e.data.held_out + e.search.bn_images) / (3 * m.macs_per_second);
  return train + tune + 2 * plan.evaluations() * evaluation;
}

TEST_CASE("a plan for a time limit stays within it over a wide range of speeds and sizes") {
  const Experiment experiment;
  for (const double seconds : {180.0, 900.0, 7200.0})
    for (const double speed : {2e9, 10e9, 100e9})
      for (const double macs : {0.3e6, 2e6, 8e6}) {
        const Measured m{.seconds_left = seconds,
                         .macs_per_second = speed,
                         .mean_macs = macs,
                         .step_macs = macs,
                         .large_macs = 1.5 * macs,
                         .images = 55000,
                         .test_images = 10000};
        const Plan plan = app::plan_for_time(experiment, m);
        CAPTURE(seconds, speed, macs);
        CHECK(plan.train_epochs >= 1);
        CHECK(plan.tune_epochs >= 1);
        CHECK(plan.parents <= plan.population);
        // The least a run does (an epoch each, a dozen networks) may be more than a very short limit allows.
        if (plan.train_images == m.images && plan.tune_epochs > 1)
          CHECK(planned_seconds(experiment, plan, m) < seconds);
      }
}

TEST_CASE("when six epochs do not fit, an epoch sees fewer images") {
  const Measured m{.seconds_left = 180,
                   .macs_per_second = 2e9,
                   .mean_macs = 4e6,
                   .step_macs = 4e6,
                   .large_macs = 6e6,
                   .images = 55000,
                   .test_images = 10000};
  const Plan plan = app::plan_for_time({}, m);
  CHECK(plan.train_images < m.images);
  CHECK(plan.train_epochs == 6);
}

TEST_CASE("a recipe that trains four networks a step gets a quarter of the epochs") {
  Measured m{.seconds_left = 3600,
             .macs_per_second = 5e9,
             .mean_macs = 2e6,
             .step_macs = 2e6,
             .large_macs = 3e6,
             .images = 50000,
             .test_images = 0};
  const Plan one = app::plan_for_time({}, m);
  m.step_macs = 8e6;
  const Plan four = app::plan_for_time({}, m);
  CHECK(four.train_epochs == one.train_epochs / 4);
  CHECK(four.tune_epochs == one.tune_epochs);
}

TEST_CASE("two targets share the seconds of search and tuning") {
  Measured m{.seconds_left = 7200,
             .macs_per_second = 5e9,
             .mean_macs = 2e6,
             .step_macs = 2e6,
             .large_macs = 3e6,
             .images = 50000,
             .test_images = 10000};
  const Plan one = app::plan_for_time({}, m);
  m.further_large_macs = {3e6};
  Plan two = app::plan_for_time({}, m);
  // The second target's start-up and test images are kept in reserve: 20 s + 2 * 10,000 * 3e6 / 8e9 s = 27.5
  // s of which 86 % would have been planned.
  CHECK(one.search_seconds == Approx(2 * two.search_seconds + 0.20 * 0.86 * 27.5));
  CHECK(one.tune_seconds == Approx(2 * two.tune_seconds + 0.32 * 0.86 * 27.5));
  CHECK(two.tune_epochs <= one.tune_epochs / 2);
  CHECK(two.train_epochs <= one.train_epochs);
  CHECK(two.train_epochs >= one.train_epochs - 1);
  // A target whose networks are half as large is tuned for twice as many epochs in its time.
  const int epochs = two.tune_epochs;
  app::plan_target(two, {}, 1e6, 1.5e6);
  CHECK(two.tune_epochs >= 2 * epochs);
}

TEST_CASE("tuning takes the time that is left, at the speed that the supernet was trained with") {
  // 2,000 images/s at 2e6 MACs each are 4e9 MAC/s; an epoch of the winner is 50,000 * 4e6 MACs: 50 s. Of 1200
  // s, 20 s and 2 * 10,000 * 4e6 / 8e9 s = 10 s are kept in reserve.
  Plan plan{
      .train_images = 50000, .tune_epochs = 7, .search_seconds = 100, .tune_seconds = 200, .step_macs = 2e6};
  app::BeforeTuning now{.seconds_left = 1200,
                        .images_per_second = 2000,
                        .winner_macs = 4e6,
                        .images = 50000,
                        .test_images = 10000};
  CHECK(app::tune_epochs_now(plan, now) == 22);  // 0.95 * 1170 s / 50 s
  now.images_per_second = 1000;                  // half the speed, half the epochs
  CHECK(app::tune_epochs_now(plan, now) == 11);
  now.further_targets = 1;  // which needs 300 s, and as much in reserve: 0.95 * 840 s / 100 s
  CHECK(app::tune_epochs_now(plan, now) == 7);
  now.seconds_left = 5;  // too late already: an epoch is trained all the same
  CHECK(app::tune_epochs_now(plan, now) == 1);
  now.images_per_second = 0;  // not known
  CHECK(app::tune_epochs_now(plan, now) == plan.tune_epochs);
}

TEST_CASE("finalists, and held-out images to tune on, leave time for fewer epochs") {
  Plan plan{.train_images = 50000, .macs_per_second = 4e9, .tune_seconds = 500};
  Experiment experiment;
  app::plan_target(plan, experiment, 1e6, 4e6);
  CHECK(plan.tune_epochs == 10);  // 50 s each
  experiment.data.held_out = 25000;
  experiment.data.tune_on_held_out = true;
  app::plan_target(plan, experiment, 1e6, 4e6);
  CHECK(plan.tune_epochs == 6);  // 75 s each
  experiment.search.finalists = 2;
  experiment.search.finalist_epochs = 1;
  app::plan_target(plan, experiment, 1e6, 4e6);
  CHECK(plan.tune_epochs == 5);  // of 400 s
}

TEST_CASE("without a time limit tuning keeps to the config") {
  Experiment experiment;
  experiment.tune.epochs = 17;
  const Plan plan = app::plan_from_config(experiment, 1000);
  CHECK(app::tune_epochs_now(plan, {.seconds_left = 10, .images_per_second = 10, .winner_macs = 1e6}) == 17);
}

TEST_CASE("twice the time plans more of everything") {
  Measured m{.seconds_left = 600,
             .macs_per_second = 5e9,
             .mean_macs = 2e6,
             .step_macs = 2e6,
             .large_macs = 3e6,
             .images = 55000,
             .test_images = 10000};
  const Plan once = app::plan_for_time({}, m);
  m.seconds_left = 1200;
  const Plan twice = app::plan_for_time({}, m);
  CHECK(twice.train_epochs > once.train_epochs);
  CHECK(twice.tune_epochs > once.tune_epochs);
  CHECK(twice.evaluations() > once.evaluations());
}

}  // namespace
}  // namespace tinynas
