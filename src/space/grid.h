#pragma once

#include <optional>
#include <vector>

#include "tinynas/space/rank.h"

namespace tinynas::space {

/// The steps of a ranking, shared by rank() and sweep_budgets().

/// What the sampled networks of one space cost; `needs` also sees the smallest network of the space. The
/// draws depend on the place in the grid, not on threads or budget.
std::vector<cost::Footprint> sample_networks(const RankProblem& problem, const RankOptions& options,
                                             int resolution, int width, NeedTracker& needs);

/// One space under one budget: who fits, the CDF, and whether it is set aside.
SpaceRank judge_space(const RankProblem& problem, const RankOptions& options, int resolution, int width,
                      const std::vector<cost::Footprint>& networks, const cost::Budget& budget);

/// The ranked space with the largest mean MACs; of equals the first.
std::optional<std::size_t> winner_of(const std::vector<SpaceRank>& spaces);

/// "r28-w1".
std::string space_name(const SpaceRank& rank);

}  // namespace tinynas::space
