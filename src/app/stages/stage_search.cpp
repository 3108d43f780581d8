#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "app/experiment/targets.h"
#include "app/run/curves.h"
#include "app/run/records.h"
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
  return {.space = chosen_space(workspace.run().path()),
          .task = workspace.images().shape().task,
          .budget = target.budget,
          .cost = space::device_cost(target.device, target.input)};
}

/// What must be equal for a history to be continued: the config, but for what is only said of the network,
/// and the training that the oracle's answers come from.
std::string identity_of(const RunDirectory& run) {
  Experiment experiment = run.experiment();
  experiment.license.clear();
  return hex(fnv1a(to_yaml(experiment) + run.read(kPlanFile) + run.read(kTrainFile)));
}

/// Networks per question to the oracle: enough to keep all threads of all processes busy.
int batch_size(Workspace& workspace) {
  constexpr int kLeast = 10;
  const int threads = workspace.experiment().compute.threads;
  const int each = threads > 0 ? threads : available_cores();
  return std::max(kLeast, 2 * each * workspace.oracle().training().process_count);
}

FoundNetwork found(const space::SearchSpace& space, const search::Evaluation& evaluation) {
  return {.genome = space::to_string(space, evaluation.genome),
          .accuracy = evaluation.accuracy,
          .standard_error = evaluation.standard_error,
          .images = evaluation.images,
          .cost = evaluation.cost};
}

/// The strategy that the experiment's objectives ask for.
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

/// Networks that no other one evaluated is better than in every objective; none without objectives.
std::vector<FoundNetwork> front(const search::SearchResult& result, const Experiment::Search& settings,
                                const space::SearchSpace& space) {
  std::vector<FoundNetwork> networks;
  if (settings.objectives.empty()) return networks;
  const auto objectives = search::objectives_named(settings.objectives, "search.objectives");
  for (const search::Evaluation& evaluation : search::front_of(result.history, objectives))
    networks.push_back(found(space, evaluation));
  return networks;
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

}  // namespace

/// Evolution inside the chosen space, and random search with as many evaluations beside it. The winner is
/// evolution's most accurate network, with several objectives too; or the best of its finalists.
Stage search_stage(Workspace& workspace) {
  const auto run = [&workspace](const ProgressFn& progress, const StopToken& stop) {
    const RunDirectory& files = workspace.run();
    const Experiment::Search& settings = workspace.experiment().search;
    const Plan plan = read<Plan>(files);
    const search::Problem problem = search_problem(workspace);
    const search::AccuracyOracle& oracle = workspace.oracle().answers();
    const bool finals = settings.finalists > 1;
    const double share = finals ? 0.4 : 0.5;  // of the progress that is shown, of each of the two searches
    const auto search = [&](const search::Strategy& strategy, std::string_view history, double from) {
      const search::RunOptions options{
          .history = files / history, .identity = identity_of(files), .batch = batch_size(workspace)};
      constexpr double kWrittenEvery = 0.02;
      const auto write_curves = [&] { write_search_curves(files); };
      const search::SearchResult result = search::run_search(
          problem, strategy, oracle, options,
          part_of(at_every(kWrittenEvery, progress, write_curves), from, from + share), stop);
      write_curves();
      return result;
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
    Searched searched{.winner = found(problem.space, winner),
                      .finalists = {},
                      .evaluations = evaluations,
                      .figures = evolved.generations.back().figures,
                      .front = front(evolved, settings, problem.space),
                      .random = {}};
    for (const Finalist& finalist : finalists)
      searched.finalists.push_back({.genome = space::to_string(problem.space, finalist.evaluation.genome),
                                    .supernet = finalist.evaluation.accuracy,
                                    .accuracy = finalist.accuracy});
    if (random.best)
      searched.random = {.best = found(problem.space, *random.best), .evaluations = random.history.size()};
    write(files, searched);
    std::string summary =
        fmt::format("{:.2f} % after {} networks (random search: {:.2f} %)", evolved.best->accuracy,
                    evaluations, random.best ? random.best->accuracy : 0.0);
    if (finals)
      summary += fmt::format("; of {} finalists the best has {:.2f} % after {} epochs", finalists.size(),
                             finalists.front().accuracy, settings.finalist_epochs);
    if (!searched.front.empty())
      summary += fmt::format("; {} networks on the front of {}, in {}", searched.front.size(),
                             fmt::join(settings.objectives, ", "), (files / kSearchFile).string());
    return summary;
  };
  return {.name = "search",
          .reads = {kPlanFile, kRankFile, kTrainFile, kSupernetFile},
          // The answers and the further devices' runs come from the supernet alone, as the histories do.
          .writes = {kHistoryFile, kRandomHistoryFile, kSearchCurves, kRandomCurves, kFinalistsFile,
                     kAnswersFile, kAlsoFolder, kSearchFile},
          .run = run};
}

}  // namespace tinynas::app
