#pragma once

#include "app/workspace.h"
#include "tinynas/core/progress.h"
#include "tinynas/report/ranking.h"
#include "tinynas/space/rank.h"

namespace tinynas::app {

/// With everything the experiment names read from disk.
space::RankProblem rank_problem(const Experiment& experiment);
space::RankProblem rank_problem(const space::SearchSpace& space, const data::Dataset& dataset,
                                const Target& target);

/// As the tables and the page want it: CDFs thinned to what a plot can show.
std::vector<report::RankedSpace> ranked_spaces(const space::Ranking& ranking);

/// Throws InfeasibleError, naming the limit and the smallest need, if not even the smallest networks of the
/// space fit.
void require_feasible(const space::RankProblem& problem);

}  // namespace tinynas::app
