#include "app/space_ranking.h"

#include <fmt/format.h>

#include <array>
#include <optional>

#include "app/experiment/targets.h"
#include "app/problem.h"
#include "tinynas/app/ranking.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/space/feasibility.h"
#include "tinynas/space/lower.h"
#include "tinynas/space/sweep.h"

namespace tinynas::app {
namespace {

/// Every k-th of the sorted MACs, both ends included: enough for a smooth line.
std::vector<Macs> thinned(const std::vector<Macs>& sorted) {
  constexpr std::size_t kPoints = 120;
  if (sorted.size() <= kPoints) return sorted;
  std::vector<Macs> some;
  for (std::size_t i = 0; i < kPoints; ++i) some.push_back(sorted[i * (sorted.size() - 1) / (kPoints - 1)]);
  return some;
}

}  // namespace

std::vector<report::RankedSpace> ranked_spaces(const space::Ranking& ranking) {
  std::vector<report::RankedSpace> rows;
  for (std::size_t i = 0; i < ranking.spaces.size(); ++i) {
    const space::SpaceRank& space = ranking.spaces[i];
    rows.push_back({.resolution = space.resolution,
                    .smallest_resolution = space.smallest_resolution,
                    .width = space.width,
                    .samples = space.samples,
                    .fit_share = space.share(),
                    .mean_macs = space.mean_macs,
                    .fit_macs = thinned(space.macs),
                    .set_aside = space.reason,
                    .chosen = ranking.winner == i});
  }
  return rows;
}

namespace {

/// Why not even the smallest network of any resolution and width fits; nothing if one does.
std::optional<space::Infeasible> infeasible(const space::RankProblem& problem) {
  space::NeedTracker needs(problem.budget);
  const space::CostFn cost = problem.cost();
  ir::Graph graph;
  for (std::size_t r = 0; r < problem.space.resolutions.size(); ++r)
    for (std::size_t w = 0; w < problem.space.widths.size(); ++w) {
      space::Genome genome = space::smallest(problem.space);
      genome.resolution = static_cast<std::uint8_t>(r);
      genome.width = static_cast<std::uint8_t>(w);
      space::lower(problem.space, problem.task, genome, graph);
      const cost::Footprint footprint = cost(graph);
      if (cost::fits(footprint, problem.budget)) return std::nullopt;
      needs.add(footprint, [&] { return space::to_string(problem.space, genome); });
    }
  return needs.result();
}

/// One problem a target of the experiment.
std::vector<space::RankProblem> rank_problems(std::span<const Experiment> targets,
                                              const space::SearchSpace& space, const DataShape& data) {
  std::vector<space::RankProblem> problems;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const std::string where = i == 0 ? "device" : fmt::format("also[{}].device", i - 1);
    problems.push_back(rank_problem(ranked_space(space, targets[i].rank, data.side), data,
                                    target_of(targets[i], cost::load_device(targets[i].device, where)),
                                    targets[i].rank));
  }
  return problems;
}

DataShape data_of(const Experiment& experiment) {
  return shape_of(data::load_dataset(experiment.data.set, experiment.data.folder));
}

void require_each_feasible(std::span<const Experiment> targets,
                           std::span<const space::RankProblem> problems) {
  for (std::size_t i = 0; i < problems.size(); ++i)
    if (const auto why = infeasible(problems[i]))
      throw InfeasibleError(target_prefix(targets, i) + space::describe(*why));
}

/// What `tinynas rank` ranks: the experiment's problems, or without a data set, or by another engine's rules.
std::vector<space::RankProblem> rank_problems(std::span<const Experiment> targets,
                                              const RankingOptions& options) {
  const space::SearchSpace space = space::SearchSpace::load(find_resource(targets.front().space));
  std::vector<space::RankProblem> problems = rank_problems(
      targets, space, options.task ? DataShape{.task = *options.task} : data_of(targets.front()));
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (options.engine != cost::Engine::kRows)
      problems[i].cost = [device = cost::load_device(targets[i].device, "device"), engine = options.engine] {
        return space::CostFn(cost::BaselineEvaluator(device, engine));
      };
    if (problems[i].budget.sram_bytes) *problems[i].budget.sram_bytes -= options.reserve_bytes;
  }
  return problems;
}

}  // namespace

void require_feasible(const Experiment& experiment, const space::SearchSpace& space) {
  const std::vector<Experiment> targets = target_experiments(experiment);
  require_each_feasible(targets, rank_problems(targets, space, data_of(experiment)));
}

std::vector<report::RankedSpace> rank_spaces(const Experiment& experiment, const RankingOptions& options,
                                             const ProgressFn& progress, const StopToken& stop) {
  const std::vector<Experiment> targets = target_experiments(experiment);
  const std::vector<space::RankProblem> problems = rank_problems(targets, options);
  require_each_feasible(targets, problems);
  std::vector<space::Ranking> rankings;
  for (const space::RankProblem& problem : problems)
    rankings.push_back(space::rank(
        problem, {.samples = experiment.rank.samples, .seed = experiment.search.seed}, progress, stop));
  rankings.front().winner = space::common_winner(rankings);
  return ranked_spaces(rankings.front());
}

std::vector<report::SweepPoint> sweep_spaces(const Experiment& experiment, const RankingOptions& options,
                                             const SweepLimits& limits, const ProgressFn& progress,
                                             const StopToken& stop) {
  if (!experiment.also.empty())
    throw ConfigError(
        "--sweep: compares limits of one device, and the experiment has further ones (also); add --also "
        "none");
  std::vector<Bytes> sram_limits = limits.sram;
  for (Bytes& limit : sram_limits) limit -= options.reserve_bytes;
  std::vector<report::SweepPoint> points;
  for (const space::BudgetWinner& point : space::sweep_budgets(
           rank_problems(std::array{experiment}, options).front(), sram_limits, limits.flash,
           {.samples = experiment.rank.samples, .seed = experiment.search.seed}, progress, stop))
    points.push_back({.sram_bytes = point.sram_bytes + options.reserve_bytes,
                      .flash_bytes = point.flash_bytes,
                      .best = point.best ? fmt::format("r{}-w{:.2f}",
                                                       space::resolution_text(point.best->smallest_resolution,
                                                                              point.best->resolution),
                                                       point.best->width)
                                         : std::string(),
                      .mean_macs = point.best ? point.best->mean_macs : 0});
  return points;
}

}  // namespace tinynas::app
