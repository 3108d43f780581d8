#include "app/stages/finals.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "app/run/records.h"
#include "app/run/supernet_run.h"
#include "app/stages/pipeline_stages.h"
#include "tinynas/core/hash.h"

namespace tinynas::app {
namespace {

std::map<std::string, double> judged_before(const RunDirectory& run) {
  std::map<std::string, double> accuracies;
  for (const JudgedFinalist& finalist : read_lines<JudgedFinalist>(run.path()))
    accuracies[finalist.genome] = finalist.accuracy;
  return accuracies;
}

/// Trains a network by the recipe of the winner for a few epochs; its accuracy on the held-out images,
/// percent.
double train_and_judge(Workspace& workspace, const space::Genome& genome, const ProgressFn& progress,
                       const StopToken& stop) {
  const Experiment& experiment = workspace.experiment();
  train::Recipe recipe = experiment.tune;
  recipe.epochs = experiment.search.finalist_epochs;
  const NetworkAlone network = alone(workspace.run(), genome);
  const std::string name = "finalist-" + hex(space::hash(genome));
  const train::Tuned tuned = workspace.oracle().training().tune(
      workspace.oracle().context(network), network.genome, recipe, workspace.run().path(),
      {.name = name, .supernet = supernet_folder_of(workspace.run())}, progress, stop);
  stop.throw_if_stopped("search");
  std::error_code ignored;
  std::filesystem::remove(workspace.run() / (name + ".pt"), ignored);
  return tuned.accuracy;
}

}  // namespace

std::vector<Finalist> play_finals(Workspace& workspace, const std::vector<search::Evaluation>& ranked,
                                  const ProgressFn& progress, const StopToken& stop) {
  const space::SearchSpace space = chosen_space(workspace.run().path());
  const auto before = judged_before(workspace.run());
  const std::size_t count =
      std::min(ranked.size(), static_cast<std::size_t>(workspace.experiment().search.finalists));
  std::vector<Finalist> finalists;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string genome = space::to_string(space, ranked[i].genome);
    const auto known = before.find(genome);
    Finalist finalist{.evaluation = ranked[i], .accuracy = known == before.end() ? 0 : known->second};
    if (known == before.end()) {
      const double all = static_cast<double>(count);
      finalist.accuracy = train_and_judge(
          workspace, ranked[i].genome,
          part_of(progress, static_cast<double>(i) / all, static_cast<double>(i + 1) / all), stop);
      append(workspace.run(), JudgedFinalist{.genome = genome, .accuracy = finalist.accuracy});
    }
    finalists.push_back(finalist);
  }
  std::ranges::stable_sort(finalists, std::ranges::greater{}, &Finalist::accuracy);
  return finalists;
}

}  // namespace tinynas::app
