#include <fmt/format.h>

#include "app/files.h"
#include "app/json.h"
#include "app/pipeline_stages.h"

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

}  // namespace tinynas::app
