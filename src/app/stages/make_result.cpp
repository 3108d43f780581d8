#include "app/experiment/targets.h"
#include "app/run/records.h"
#include "app/stages/pipeline_stages.h"
#include "tinynas/core/hash.h"
#include "tinynas/core/version.h"

namespace tinynas::app {
namespace {

/// What the runs of the further devices have come to so far.
std::vector<Result> further_results(const RunDirectory& run) {
  std::vector<Result> results;
  std::error_code ignored;
  for (const std::filesystem::path& folder : further_folders(run.experiment())) {
    if (!std::filesystem::exists(run.path() / folder / kResultFile, ignored)) continue;
    results.push_back(read<Result>(run.path() / folder));
    results.back().run = folder.string();
  }
  return results;
}

}  // namespace

Result make_result(Workspace& workspace) {
  const RunDirectory& run = workspace.run();
  const Experiment& experiment = run.experiment();
  const Searched searched = read<Searched>(run);
  const Evaluated evaluated = read<Evaluated>(run);
  const Emulated emulated = read<Emulated>(run);
  const EmulationCheck& check = emulated.check;
  const double tuned = read<Tuned>(run).accuracy;
  Result result{.genome = searched.winner.genome,
                .space = {.file = experiment.space,
                          .resolution = winner(run).space.resolutions.front(),
                          .width = read<Ranked>(run).width},
                .device = workspace.device().name,
                .budget = experiment.budget,
                .seconds = read<Seconds>(run),
                .seed = experiment.search.seed,
                .accuracy = {.supernet = searched.winner.accuracy, .tuned = tuned, .int8 = evaluated.in_int8},
                .detail = {.held_out = {.images = experiment.data.held_out,
                                        .tuned_on = experiment.data.tune_on_held_out,
                                        .supernet = searched.winner.accuracy,
                                        .in_float = tuned,
                                        .in_int8 = read<Calibration>(run).accuracy},
                           .test = evaluated},
                .random_search = searched.random,
                .evaluations = searched.evaluations,
                .plan = read<Plan>(run),
                .emulated_images = check.images,
                .emulation_skipped = emulated.skipped,
                .model_hash = hex(fnv1a(run.read(kModelFile))),
                .config_hash = hex(fnv1a(to_yaml(experiment))),
                .version = std::string(kVersion),
                .cost = read<cost::Footprint>(run)};
  if (!emulated.skipped) result.accuracy.emulated = check.accuracy;
  if (!emulated.skipped) result.emulated_equal = check.all_equal();
  if (!experiment.also.empty()) result.also = further_results(run);
  return result;
}

}  // namespace tinynas::app
