#include <fmt/format.h>

#include "app/run/files.h"
#include "app/run/json.h"
#include "app/run/supernet_run.h"
#include "app/stages/pipeline_stages.h"
#include "tinynas/core/files.h"

namespace tinynas::app {

/// The supernet over the chosen space. Checkpoints and metrics are train/'s own files; train.json says it is
/// done.
Stage train_stage(Workspace& workspace) {
  const auto run = [&workspace](const ProgressFn& progress, const StopToken& stop) {
    train::Recipe recipe = workspace.experiment().train;
    recipe.epochs = workspace.plan().train_epochs;
    const auto& training = workspace.training();
    const int epochs =
        training.train_supernet(workspace.context(), recipe, workspace.run().path(), progress, stop);
    stop.throw_if_stopped("train");
    const std::size_t images = workspace.context().train->size();
    write_json(workspace.run(), kTrainFile,
               {{"epochs", epochs}, {"images", images}, {"recipe", recipe.name}});
    return fmt::format("{} epochs of {} images", epochs, images);
  };
  return {.name = "train",
          .output = std::string(kTrainFile),
          .files = {std::string(kTrainLog), std::string(kSupernetFile)},
          .run = run};
}

/// For a run that searches another run's supernet: what there is to know of its training, for the report and
/// for the identity of histories. The weights stay where they are.
Stage given_train_stage(Workspace& workspace) {
  const auto run = [&workspace](const ProgressFn&, const StopToken&) {
    const std::filesystem::path from = workspace.supernet_folder();
    require_supernet(workspace.run().path(), workspace.experiment());
    std::string log;
    for (const std::string& line : read_complete_lines(from / kTrainLog)) {
      const Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
      if (json.is_object() && json.value("stage", "") == "supernet") log += line + "\n";
    }
    workspace.run().write(kTrainLog, log);
    workspace.run().write(kTrainFile, read_file(from / kTrainFile));
    return "the supernet of " + from.string();
  };
  return {.name = "train", .output = std::string(kTrainFile), .files = {std::string(kTrainLog)}, .run = run};
}

}  // namespace tinynas::app
