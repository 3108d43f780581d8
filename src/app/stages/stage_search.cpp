#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "app/run/files.h"
#include "app/run/json.h"
#include "app/stages/finals.h"
#include "app/stages/pipeline_stages.h"
#include "tinynas/core/error.h"
#include "tinynas/core/hash.h"
#include "tinynas/core/parallel.h"
#include "tinynas/search/evolution.h"
#include "tinynas/search/nsga2.h"
#include "tinynas/search/pareto.h"
#include "tinynas/search/run.h"

namespace tinynas::app {
namespace {

search::Problem search_problem(Workspace& workspace) {
  const Target target = workspace.target();
  return {.space = workspace.chosen_space(),
          .task = workspace.task(),
          .budget = target.budget,
          .cost = space::device_cost(target.device, target.input)};
}

/// What must be equal for a history to be continued: the config and the training that the oracle's answers
/// come from.
std::string identity_of(const RunDirectory& run) {
  return hex(fnv1a(to_yaml(run.experiment()) + run.read(kPlanFile) + run.read(kTrainFile)));
}

/// Networks per question to the oracle: enough to keep all threads of all processes busy.
int batch_size(const Workspace& workspace) {
  constexpr int kLeast = 10;
  const int threads = workspace.experiment().compute.threads;
  const int each = threads > 0 ? threads : available_cores();
  return std::max(kLeast, 2 * each * workspace.training().process_count);
}

Json evaluation_json(const space::SearchSpace& space, const search::Evaluation& evaluation) {
  return {{"genome", space::to_string(space, evaluation.genome)},
          {"accuracy", evaluation.accuracy},
          {"standard_error", evaluation.standard_error},
          {"images", evaluation.images},
          {"macs", evaluation.cost.macs},
          {"sram_bytes", evaluation.cost.sram_bytes},
          {"flash_bytes", evaluation.cost.flash_bytes},
          {"latency_ms", evaluation.cost.latency_ms}};
}

/// By the objectives of the experiment.
search::Strategy strategy_of(const search::Problem& problem, const Experiment::Search& settings,
                             const Plan& plan) {
  if (!settings.objectives.empty())
    return search::nsga2(problem,
                         {.objectives = search::objectives_named(settings.objectives, "search.objectives"),
                          .population = plan.population,
                          .generations = plan.generations,
                          .mutation_rate = settings.mutation_rate,
                          .seed = settings.seed});
  return search::evolution(problem, {.population = plan.population,
                                     .generations = plan.generations,
                                     .parents = plan.parents,
                                     .mutation_rate = settings.mutation_rate,
                                     .screening = settings.screening,
                                     .seed = settings.seed});
}

/// Networks that no other one evaluated is better than in every objective.
Json front_json(const search::SearchResult& result, const Experiment::Search& settings,
                const space::SearchSpace& space) {
  const auto objectives = search::objectives_named(settings.objectives, "search.objectives");
  Json front = Json::array();
  for (const std::size_t i : search::pareto_front(search::points_of(result.history, objectives)))
    front.push_back(evaluation_json(space, result.history[i]));
  return front;
}

Json figures_json(const search::SearchResult& result) {
  Json figures = Json::object();
  for (const auto& [name, value] : result.generations.back().figures) figures[name] = value;
  return figures;
}

/// All networks evaluated, best first, and the strategy's favourite before them.
std::vector<search::Evaluation> ranked_networks(const search::SearchResult& result) {
  std::vector<search::Evaluation> ranked = result.history;
  const auto favourite = [&](const search::Evaluation& e) { return e.genome == result.best->genome; };
  std::ranges::stable_sort(ranked, [&](const search::Evaluation& a, const search::Evaluation& b) {
    return favourite(a) != favourite(b) ? favourite(a) : search::better(a, b);
  });
  return ranked;
}

Json finalists_json(const std::vector<Finalist>& finalists, const space::SearchSpace& space) {
  Json json = Json::array();
  for (const Finalist& finalist : finalists)
    json.push_back({{"genome", space::to_string(space, finalist.evaluation.genome)},
                    {"supernet", finalist.evaluation.accuracy},
                    {"accuracy", finalist.accuracy}});
  return json;
}

}  // namespace

/// Evolution inside the chosen space, and random search with as many evaluations beside it. The winner is
/// evolution's most accurate network, with several objectives too; or the best of its finalists.
Stage search_stage(Workspace& workspace) {
  const auto run = [&workspace](const ProgressFn& progress, const StopToken& stop) {
    const RunDirectory& files = workspace.run();
    const Experiment::Search& settings = workspace.experiment().search;
    const Plan plan = workspace.plan();
    const search::Problem problem = search_problem(workspace);
    const search::AccuracyOracle& oracle = workspace.oracle();
    const bool finals = settings.finalists > 1;
    const double share = finals ? 0.4 : 0.5;  // of the progress that is shown, of each of the two searches
    const auto search = [&](const search::Strategy& strategy, std::string_view history, double from) {
      const search::RunOptions options{
          .history = files / history, .identity = identity_of(files), .batch = batch_size(workspace)};
      return search::run_search(problem, strategy, oracle, options, part_of(progress, from, from + share),
                                stop);
    };
    const search::SearchResult evolved = search(strategy_of(problem, settings, plan), kHistoryFile, 0);
    if (!evolved.best)
      throw InfeasibleError(evolved.infeasible ? space::describe(*evolved.infeasible)
                                               : "no network of the space meets the limits");
    const int evaluations = static_cast<int>(evolved.history.size());
    const search::SearchResult random =
        search(search::random_search(
                   problem, {.evaluations = evaluations, .batch = plan.population, .seed = settings.seed}),
               kRandomHistoryFile, share);
    std::vector<Finalist> finalists;
    if (finals)
      finalists = play_finals(workspace, ranked_networks(evolved), part_of(progress, 2 * share, 1), stop);
    const search::Evaluation& winner = finals ? finalists.front().evaluation : *evolved.best;
    Json json = evaluation_json(problem.space, winner);
    if (finals) json["finalists"] = finalists_json(finalists, problem.space);
    json["evaluations"] = evaluations;
    json["figures"] = figures_json(evolved);
    if (!settings.objectives.empty()) json["front"] = front_json(evolved, settings, problem.space);
    if (random.best) json["random"] = evaluation_json(problem.space, *random.best);
    if (random.best) json["random"]["evaluations"] = random.history.size();
    write_json(files, kSearchFile, json);
    std::string summary =
        fmt::format("{:.2f} % after {} networks (random search: {:.2f} %)", evolved.best->accuracy,
                    evaluations, random.best ? random.best->accuracy : 0.0);
    if (finals)
      summary += fmt::format("; of {} finalists the best has {:.2f} % after {} epochs", finalists.size(),
                             finalists.front().accuracy, settings.finalist_epochs);
    if (json.contains("front"))
      summary += fmt::format("; {} networks on the front of {}, in {}", json["front"].size(),
                             fmt::join(settings.objectives, ", "), (files / kSearchFile).string());
    return summary;
  };
  return {.name = "search",
          .output = std::string(kSearchFile),
          // The answers and the further devices' runs come from the supernet alone, as the histories do.
          .files = {std::string(kHistoryFile), std::string(kRandomHistoryFile), std::string(kFinalistsFile),
                    std::string(kAnswersFile), std::string(kAlsoFolder)},
          .run = run};
}

}  // namespace tinynas::app
