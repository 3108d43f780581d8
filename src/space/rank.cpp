#include "tinynas/space/rank.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tinynas/core/error.h"
#include "tinynas/core/parallel.h"
#include "tinynas/space/lower.h"

namespace tinynas::space {
namespace {

/// What one space of the grid gives; spaces are sampled independently and joined in order.
struct Sampled {
  SpaceRank rank;
  NeedTracker needs;
};

Sampled sample_space(const RankProblem& problem, const RankOptions& options, int resolution, int width) {
  const SearchSpace space = restrict_to(problem.space, resolution, width);
  Sampled sampled{.rank = {.resolution_index = resolution,
                           .width_index = width,
                           .resolution = space.resolutions[0],
                           .width = space.widths[0],
                           .samples = options.samples},
                  .needs = NeedTracker(problem.budget)};
  const CostFn cost = problem.cost();
  ir::Graph graph;
  const auto look_at = [&](const Genome& genome) {
    lower(space, problem.task, genome, graph);
    const cost::Footprint needs = cost(graph);
    sampled.needs.add(needs, [&] { return to_string(space, genome); });
    return needs;
  };

  look_at(smallest(space));
  Rng rng = Rng(options.seed)
                .fork("rank", static_cast<std::uint64_t>(resolution), static_cast<std::uint64_t>(width));
  double macs = 0, params = 0;
  for (int i = 0; i < options.samples; ++i) {
    const cost::Footprint needs = look_at(sample(space, rng));
    if (!cost::fits(needs, problem.budget)) continue;
    sampled.rank.macs.push_back(needs.macs);
    macs += static_cast<double>(needs.macs);
    params += static_cast<double>(needs.params);
  }
  std::sort(sampled.rank.macs.begin(), sampled.rank.macs.end());
  sampled.rank.fitting = static_cast<int>(sampled.rank.macs.size());
  if (sampled.rank.fitting > 0) {
    sampled.rank.mean_macs = macs / sampled.rank.fitting;
    sampled.rank.mean_params = params / sampled.rank.fitting;
  }
  return sampled;
}

void set_standing(SpaceRank& rank, const RankProblem& problem, const RankOptions& options) {
  if (rank.fitting == 0 || rank.share() < options.least_share) {
    rank.standing = Standing::kTooFewFit;
    rank.reason = fmt::format("{} of {} sampled networks fit, {:g} % are wanted", rank.fitting, rank.samples,
                              options.least_share * 100);
  } else if (problem.untrainable) {
    rank.reason = problem.untrainable(rank);
    if (!rank.reason.empty()) rank.standing = Standing::kNotTrainable;
  }
}

std::optional<std::size_t> winner_of(const std::vector<SpaceRank>& spaces) {
  std::optional<std::size_t> winner;
  for (std::size_t i = 0; i < spaces.size(); ++i)
    if (spaces[i].standing == Standing::kRanked &&
        (!winner || spaces[i].mean_macs > spaces[*winner].mean_macs))
      winner = i;
  return winner;
}

std::string space_name(const SpaceRank& rank) {
  return fmt::format("r{}-w{:g}", rank.resolution, rank.width);
}

}  // namespace

bool Ranking::any_fits() const {
  return std::any_of(spaces.begin(), spaces.end(), [](const SpaceRank& rank) { return rank.fitting > 0; });
}

Ranking rank(const RankProblem& problem, const RankOptions& options, const ProgressFn& progress,
             const StopToken& stop) {
  TINYNAS_CHECK(options.samples > 0 && problem.cost, "ranking needs samples and a cost model");
  const std::size_t widths = problem.space.widths.size(), count = problem.space.resolutions.size() * widths;
  Ranking ranking;
  NeedTracker needs(problem.budget);
  // A few spaces per worker at a time, so that progress is shown and a stop is heard.
  const std::size_t chunk = 4 * static_cast<std::size_t>(parallel_threads());
  for (std::size_t begin = 0; begin < count; begin += chunk) {
    stop.throw_if_stopped("ranking the search spaces");
    std::vector<std::optional<Sampled>> sampled(std::min(chunk, count - begin));
    parallel_for_index(sampled.size(), [&](std::size_t i) {
      const std::size_t cell = begin + i;
      sampled[i] =
          sample_space(problem, options, static_cast<int>(cell / widths), static_cast<int>(cell % widths));
    });
    for (auto& one : sampled) {
      set_standing(one->rank, problem, options);
      needs.merge(one->needs);
      ranking.spaces.push_back(std::move(one->rank));
    }
    if (progress)
      progress({.done = static_cast<double>(ranking.spaces.size()),
                .total = static_cast<double>(count),
                .note = space_name(ranking.spaces.back())});
  }
  ranking.winner = winner_of(ranking.spaces);
  ranking.needs = needs.result();
  return ranking;
}

Macs macs_quantile(const SpaceRank& space, double p) {
  if (space.macs.empty()) return 0;
  const auto n = static_cast<double>(space.macs.size());
  const auto at = static_cast<std::size_t>(std::clamp(std::ceil(p * n) - 1, 0.0, n - 1));
  return space.macs[at];
}

std::string explain_no_winner(const Ranking& ranking) {
  TINYNAS_CHECK(!ranking.winner, "there is a winner");
  if (!ranking.any_fits()) return describe(ranking.needs);
  // Something fits, but every space was set aside: tell about the one that came nearest, whatever was held
  // against it.
  const auto nearest = std::max_element(ranking.spaces.begin(), ranking.spaces.end(),
                                        [](const SpaceRank& a, const SpaceRank& b) {
                                          return std::pair(a.standing == Standing::kNotTrainable, a.share()) <
                                                 std::pair(b.standing == Standing::kNotTrainable, b.share());
                                        });
  return fmt::format("all {} spaces were set aside; of {}: {}", ranking.spaces.size(), space_name(*nearest),
                     nearest->reason);
}

}  // namespace tinynas::space
