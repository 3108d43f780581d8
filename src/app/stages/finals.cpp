#include "app/stages/finals.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "app/run/files.h"
#include "app/run/json.h"
#include "app/stages/pipeline_stages.h"
#include "tinynas/core/files.h"
#include "tinynas/core/hash.h"

namespace tinynas::app {
namespace {

std::map<std::string, double> judged_before(const RunDirectory& run) {
  std::map<std::string, double> accuracies;
  for (const std::string& line : read_complete_lines(run / kFinalistsFile)) {
    const Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (json.is_object() && json.contains("genome") && json["genome"].is_string() &&
        json.contains("accuracy") && json["accuracy"].is_number())
      accuracies[json["genome"].get<std::string>()] = json["accuracy"];
  }
  return accuracies;
}

/// By the recipe of the winner, in few epochs.
double train_and_judge(Workspace& workspace, const space::Genome& genome, const ProgressFn& progress,
                       const StopToken& stop) {
  const Experiment& experiment = workspace.experiment();
  train::Recipe recipe = experiment.tune;
  recipe.epochs = experiment.search.finalist_epochs;
  const NetworkAlone network = workspace.alone(genome);
  const std::string name = "finalist-" + hex(space::hash(genome));
  const train::Tuned tuned =
      workspace.training().tune(workspace.context(network), network.genome, recipe, workspace.run().path(),
                                {.name = name, .supernet = workspace.supernet_folder()}, progress, stop);
  stop.throw_if_stopped("search");
  std::error_code ignored;
  std::filesystem::remove(workspace.run() / (name + ".pt"), ignored);
  return tuned.accuracy;
}

}  // namespace

std::vector<Finalist> play_finals(Workspace& workspace, const std::vector<search::Evaluation>& ranked,
                                  const ProgressFn& progress, const StopToken& stop) {
  const space::SearchSpace space = workspace.chosen_space();
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
      append_line(workspace.run() / kFinalistsFile,
                  Json{{"genome", genome}, {"accuracy", finalist.accuracy}}.dump());
    }
    finalists.push_back(finalist);
  }
  std::ranges::stable_sort(finalists, std::ranges::greater{}, &Finalist::accuracy);
  return finalists;
}

}  // namespace tinynas::app
