#pragma once

#include <optional>
#include <vector>

#include "tinynas/space/rank.h"

namespace tinynas::space {

/// The steps of a ranking, shared by rank() and sweep_budgets().

/// Indices of one of the spaces that are ranked; of an elastic resolution the largest one's.
struct Place {
  int resolution = 0, width = 0;
};
/// All of them, in order of resolution, then width.
std::vector<Place> grid_places(const SearchSpace& space);

/// What the sampled networks of one space cost; `needs` also sees the smallest network of the space. The
/// draws depend on the place in the grid, not on threads or budget.
std::vector<cost::Footprint> sample_networks(const RankProblem& problem, const RankOptions& options,
                                             const Place& place, NeedTracker& needs);

/// One space under one budget: who fits, the CDF, and whether it is set aside.
SpaceRank judge_space(const RankProblem& problem, const RankOptions& options, const Place& place,
                      const std::vector<cost::Footprint>& networks, const cost::Budget& budget);

/// The ranked space with the largest mean MACs; of equals the first.
std::optional<std::size_t> winner_of(const std::vector<SpaceRank>& spaces);

}  // namespace tinynas::space
