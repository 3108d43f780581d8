#include <fmt/format.h>

#include "app/files.h"
#include "app/json.h"
#include "app/pipeline_stages.h"
#include "app/weights_file.h"

namespace tinynas::app {
namespace {

constexpr const char* kTunedName = "tuned";  // train/ keeps its checkpoint in tuned.pt

}  // namespace

/// The winner with the supernet's weights, trained alone.
Stage tune_stage(Workspace& workspace) {
  const auto run = [&workspace](const ProgressFn& progress, const StopToken& stop) {
    train::Recipe recipe = workspace.experiment().tune;
    recipe.epochs = workspace.plan().tune_epochs;
    const train::Tuned tuned = workspace.training().tune(
        workspace.context(), workspace.winner(), recipe, workspace.run().path(),
        {.name = kTunedName, .supernet = workspace.supernet_folder()}, progress, stop);
    stop.throw_if_stopped("tune");
    workspace.run().write(kWeightsFile, encode_weights(tuned.weights));
    write_json(workspace.run(), kTuneFile, {{"epochs", recipe.epochs}, {"accuracy", tuned.accuracy}});
    return fmt::format("{:.2f} % of the held-out images after {} epochs", tuned.accuracy, recipe.epochs);
  };
  return {.name = "tune",
          .output = std::string(kTuneFile),
          .files = {std::string(kWeightsFile), std::string(kTunedName) + ".pt"},
          .run = run};
}

}  // namespace tinynas::app
