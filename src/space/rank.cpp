#include "tinynas/space/rank.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "space/grid.h"
#include "tinynas/core/error.h"
#include "tinynas/core/parallel.h"
#include "tinynas/space/lower.h"

namespace tinynas::space {

std::vector<Place> grid_places(const SearchSpace& space) {
  std::vector<Place> places;
  const int resolutions = static_cast<int>(space.resolutions.size());
  for (int r = space.elastic_resolution ? resolutions - 1 : 0; r < resolutions; ++r)
    for (int w = 0; w < static_cast<int>(space.widths.size()); ++w)
      places.push_back({.resolution = r, .width = w});
  return places;
}

std::vector<cost::Footprint> sample_networks(const RankProblem& problem, const RankOptions& options,
                                             const Place& place, NeedTracker& needs) {
  const SearchSpace space = restrict_to(problem.space, place.resolution, place.width);
  const CostFn cost = problem.cost();
  ir::Graph graph;
  const auto look_at = [&](const Genome& genome) {
    lower(space, problem.task, genome, graph);
    const cost::Footprint footprint = cost(graph);
    needs.add(footprint, [&] { return to_string(space, genome); });
    return footprint;
  };
  look_at(smallest(space));
  Rng rng = Rng(options.seed)
                .fork("rank", static_cast<std::uint64_t>(place.resolution),
                      static_cast<std::uint64_t>(place.width));
  std::vector<cost::Footprint> networks;
  for (int i = 0; i < options.samples; ++i) networks.push_back(look_at(sample(space, rng)));
  return networks;
}

SpaceRank judge_space(const RankProblem& problem, const RankOptions& options, const Place& place,
                      const std::vector<cost::Footprint>& networks, const cost::Budget& budget) {
  const SearchSpace space = restrict_to(problem.space, place.resolution, place.width);
  SpaceRank rank{.resolution_index = place.resolution,
                 .width_index = place.width,
                 .resolution = space.resolutions.back(),
                 .smallest_resolution = space.resolutions.size() > 1 ? space.resolutions.front() : 0,
                 .width = space.widths.front(),
                 .samples = static_cast<int>(networks.size())};
  double macs = 0, params = 0;
  for (const cost::Footprint& network : networks) {
    if (!cost::fits(network, budget)) continue;
    rank.macs.push_back(network.macs);
    macs += static_cast<double>(network.macs);
    params += static_cast<double>(network.params);
  }
  std::sort(rank.macs.begin(), rank.macs.end());
  rank.fitting = static_cast<int>(rank.macs.size());
  if (rank.fitting > 0) {
    rank.mean_macs = macs / rank.fitting;
    rank.mean_params = params / rank.fitting;
  }
  if (rank.fitting == 0 || rank.share() < options.least_share) {
    rank.standing = Standing::kTooFewFit;
    rank.reason = fmt::format("{} of {} sampled networks fit, {:g} % are wanted", rank.fitting, rank.samples,
                              options.least_share * 100);
  } else if (problem.untrainable) {
    rank.reason = problem.untrainable(rank);
    if (!rank.reason.empty()) rank.standing = Standing::kNotTrainable;
  }
  return rank;
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
  return fmt::format("r{}-w{:g}", resolution_text(rank.smallest_resolution, rank.resolution), rank.width);
}

bool Ranking::any_fits() const {
  return std::any_of(spaces.begin(), spaces.end(), [](const SpaceRank& rank) { return rank.fitting > 0; });
}

Ranking rank(const RankProblem& problem, const RankOptions& options, const ProgressFn& progress,
             const StopToken& stop) {
  TINYNAS_CHECK(options.samples > 0 && problem.cost, "ranking needs samples and a cost model");
  const std::vector<Place> places = grid_places(problem.space);
  const std::size_t count = places.size();
  Ranking ranking;
  NeedTracker needs(problem.budget);
  // A few spaces per worker at a time, so that progress is shown and a stop is heard.
  const std::size_t chunk = 4 * at(parallel_threads());
  for (std::size_t begin = 0; begin < count; begin += chunk) {
    stop.throw_if_stopped("ranking the search spaces");
    const std::size_t size = std::min(chunk, count - begin);
    std::vector<std::vector<cost::Footprint>> networks(size);
    std::vector<NeedTracker> chunk_needs(size, NeedTracker(problem.budget));
    parallel_for_index(size, [&](std::size_t i) {
      networks[i] = sample_networks(problem, options, places[begin + i], chunk_needs[i]);
    });
    for (std::size_t i = 0; i < size; ++i) {
      ranking.spaces.push_back(judge_space(problem, options, places[begin + i], networks[i], problem.budget));
      needs.merge(chunk_needs[i]);
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

std::optional<std::size_t> common_winner(std::span<const Ranking> rankings) {
  TINYNAS_CHECK(!rankings.empty(), "a common winner needs rankings");
  if (rankings.size() == 1) return rankings[0].winner;
  std::optional<std::size_t> winner;
  double most = 0;
  for (std::size_t i = 0; i < rankings[0].spaces.size(); ++i) {
    double product = 1;
    for (const Ranking& ranking : rankings) {
      const SpaceRank& space = ranking.spaces.at(i);
      product *= space.standing == Standing::kRanked ? space.mean_macs : 0;
    }
    if (product > most) {
      most = product;
      winner = i;
    }
  }
  return winner;
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
