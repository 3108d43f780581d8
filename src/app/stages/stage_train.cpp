#include <fmt/format.h>

#include "app/run/curves.h"
#include "app/run/records.h"
#include "app/run/supernet_run.h"
#include "app/stages/pipeline_stages.h"
#include "tinynas/core/files.h"

namespace tinynas::app {

/// The supernet over the chosen space. Checkpoints and metrics are train/'s own files; train.json says it is
/// done.
Stage train_stage(Workspace& workspace) {
  const auto run = [&workspace](const ProgressFn& progress, const StopToken& stop) {
    train::Recipe recipe = workspace.experiment().train;
    recipe.epochs = read<Plan>(workspace.run()).train_epochs;
    const train::Context& context = workspace.oracle().context();
    const auto write_curves = [&] { write_training_curves(workspace.run()); };
    const int epochs = workspace.oracle().training().train_supernet(
        context, recipe, workspace.run().path(), at_every(1, progress, write_curves), stop);
    stop.throw_if_stopped("train");
    write_curves();
    const std::size_t images = context.train->size();
    write(workspace.run(), Trained{.epochs = epochs, .images = images, .recipe = recipe.name});
    return fmt::format("{} epochs of {} images", epochs, images);
  };
  return {.name = "train",
          .reads = {kPlanFile, kRankFile},
          .writes = {kTrainLog, kTrainCurves, kSupernetFile, kTrainFile},
          .run = run};
}

/// For a run that searches another run's supernet: what there is to know of its training, for the report and
/// for the identity of histories. The weights stay where they are.
Stage given_train_stage(Workspace& workspace) {
  const auto run = [&workspace](const ProgressFn&, const StopToken&) {
    const std::filesystem::path from = supernet_folder_of(workspace.run());
    require_supernet(workspace.run().path(), workspace.experiment());
    std::string log;
    for (const std::string& line : read_complete_lines(from / kTrainLog))
      if (const auto epoch = parse_line<TrainedEpoch>(line); epoch && epoch->stage == "supernet")
        log += line + "\n";
    workspace.run().write(kTrainLog, log);
    write_training_curves(workspace.run());
    workspace.run().write(kTrainFile, read_file(from / kTrainFile));
    return "the supernet of " + from.string();
  };
  return {.name = "train", .reads = {kRankFile}, .writes = {kTrainLog, kTrainCurves, kTrainFile}, .run = run};
}

}  // namespace tinynas::app
