#include <fmt/format.h>

#include "app/problem.h"
#include "app/run/curves.h"
#include "app/run/records.h"
#include "app/run/supernet_run.h"
#include "app/run/weights_file.h"
#include "app/stages/pipeline_stages.h"
#include "tinynas/core/files.h"
#include "tinynas/core/log.h"

namespace tinynas::app {
namespace {

constexpr const char* kTunedName = "tuned";  // train/ keeps its checkpoint in tuned.pt

/// Images a second over all epochs of the supernet's training; 0 if it left none. It comes from the log,
/// which has the epochs before a kill too; the seconds of the stage do not.
double supernet_images_per_second(const RunDirectory& run) {
  double epochs = 0, time = 0;
  for (const TrainedEpoch& epoch : read_lines<TrainedEpoch>(run.path())) {
    if (epoch.stage != "supernet" || epoch.images_per_second <= 0) continue;
    epochs += 1;
    time += 1 / epoch.images_per_second;
  }
  return epochs > 0 ? epochs / time : 0;
}

/// The plan's epochs; in a run with a time limit of its own as many as are left, settled when tuning begins,
/// so that one that was killed goes on to the same end.
int settle_epochs(Workspace& workspace) {
  const RunDirectory& run = workspace.run();
  const Experiment& experiment = workspace.experiment();
  const Plan plan = read<Plan>(run);
  if (!experiment.time_ms || !experiment.supernet.empty()) return plan.tune_epochs;
  if (run.has(kTunePlanFile)) return read<TunePlan>(run).epochs;
  const int epochs =
      tune_epochs_now(plan, {.seconds_left = *experiment.time_ms / 1e3 - sum_before(workspace, "tune"),
                             .images_per_second = supernet_images_per_second(run),
                             .winner_macs = static_cast<double>(read<Searched>(run).winner.cost.macs),
                             .images = tuning_images(experiment, plan.train_images),
                             .test_images = workspace.images().test_count(),
                             .further_targets = static_cast<int>(experiment.also.size())});
  write(run, TunePlan{.epochs = epochs});
  log_info(fmt::format("tune_plan epochs={} planned_before={}", epochs, plan.tune_epochs));
  return epochs;
}

data::ImageSet joined(const data::ImageSet& a, const data::ImageSet& b) {
  data::ImageSet all = a;
  all.pixels.insert(all.pixels.end(), b.pixels.begin(), b.pixels.end());
  all.labels.insert(all.labels.end(), b.labels.begin(), b.labels.end());
  return all;
}

}  // namespace

/// The winner with the supernet's weights, trained alone.
Stage tune_stage(Workspace& workspace) {
  const auto run = [&workspace](const ProgressFn& progress, const StopToken& stop) {
    train::Recipe recipe = workspace.experiment().tune;
    recipe.epochs = settle_epochs(workspace);
    const NetworkAlone network = winner(workspace.run());
    train::Context context = workspace.oracle().context(network);
    const bool on_all = workspace.experiment().data.tune_on_held_out;
    const data::ImageSet all = on_all ? joined(*context.train, *context.validation) : data::ImageSet();
    if (on_all) context.train = &all;
    const auto write_curves = [&] { write_training_curves(workspace.run()); };
    const train::Tuned tuned = workspace.oracle().training().tune(
        context, network.genome, recipe, workspace.run().path(),
        {.name = kTunedName, .supernet = supernet_folder_of(workspace.run())},
        at_every(1, progress, write_curves), stop);
    stop.throw_if_stopped("tune");
    write_curves();
    workspace.run().write(kWeightsFile, encode_weights(tuned.weights));
    write(workspace.run(), Tuned{.epochs = recipe.epochs, .accuracy = tuned.accuracy});
    return fmt::format("{:.2f} % of the {} after {} epochs", tuned.accuracy,
                       held_out_images_text(workspace.experiment()), recipe.epochs);
  };
  return {.name = "tune",
          .reads = {kRankFile, kPlanFile, kTrainLog, kSupernetFile, kSearchFile},
          .writes = {kWeightsFile, kTuneCurves, std::string(kTunedName) + ".pt", kTunePlanFile, kTuneFile},
          .run = run};
}

}  // namespace tinynas::app
