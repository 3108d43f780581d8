#include <fmt/format.h>

#include "app/run/files.h"
#include "app/run/json.h"
#include "app/run/weights_file.h"
#include "app/stages/pipeline_stages.h"
#include "tinynas/core/files.h"
#include "tinynas/core/log.h"

namespace tinynas::app {
namespace {

constexpr const char* kTunedName = "tuned";  // train/ keeps its checkpoint in tuned.pt

double seconds_spent(const RunDirectory& run) {
  const Json seconds = read_json(run, kSecondsFile);
  double sum = 0;
  for (const char* stage : {"rank", "train", "search"}) sum += seconds.value(stage, 0.0);
  return sum;
}

/// Of the epochs of the supernet's training, on average over its time; 0 if it left none. Unlike the seconds
/// of the stage, the log has the epochs before a kill.
double supernet_images_per_second(const RunDirectory& run) {
  double epochs = 0, time = 0;
  for (const std::string& line : read_complete_lines(run / kTrainLog)) {
    const Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    const double speed =
        json.is_object() && json.value("stage", "") == "supernet" ? json.value("images_per_second", 0.0) : 0;
    if (speed <= 0) continue;
    epochs += 1;
    time += 1 / speed;
  }
  return epochs > 0 ? epochs / time : 0;
}

/// The plan's epochs; in a run with a time limit of its own as many as are left, settled when tuning begins,
/// so that one that was killed goes on to the same end.
int settle_epochs(Workspace& workspace) {
  const RunDirectory& run = workspace.run();
  const Experiment& experiment = workspace.experiment();
  const Plan plan = workspace.plan();
  if (!experiment.time_ms || !experiment.supernet.empty()) return plan.tune_epochs;
  if (run.has(kTunePlanFile)) return read_json(run, kTunePlanFile).at("epochs");
  const int epochs = tune_epochs_now(plan, {.seconds_left = *experiment.time_ms / 1e3 - seconds_spent(run),
                                            .images_per_second = supernet_images_per_second(run),
                                            .winner_macs = read_json(run, kSearchFile).at("macs"),
                                            .images = tuning_images(experiment, plan.train_images),
                                            .test_images = workspace.test_image_count(),
                                            .further_targets = static_cast<int>(experiment.also.size())});
  write_json(run, kTunePlanFile, {{"epochs", epochs}});
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
    const NetworkAlone winner = workspace.winner();
    train::Context context = workspace.context(winner);
    const bool on_all = workspace.experiment().data.tune_on_held_out;
    const data::ImageSet all = on_all ? joined(*context.train, *context.validation) : data::ImageSet();
    if (on_all) context.train = &all;
    const train::Tuned tuned = workspace.training().tune(
        context, winner.genome, recipe, workspace.run().path(),
        {.name = kTunedName, .supernet = workspace.supernet_folder()}, progress, stop);
    stop.throw_if_stopped("tune");
    workspace.run().write(kWeightsFile, encode_weights(tuned.weights));
    write_json(workspace.run(), kTuneFile, {{"epochs", recipe.epochs}, {"accuracy", tuned.accuracy}});
    return fmt::format("{:.2f} % of the {} after {} epochs", tuned.accuracy,
                       held_out_images_text(workspace.experiment()), recipe.epochs);
  };
  return {.name = "tune",
          .output = std::string(kTuneFile),
          .files = {std::string(kWeightsFile), std::string(kTunedName) + ".pt", std::string(kTunePlanFile)},
          .run = run};
}

}  // namespace tinynas::app
