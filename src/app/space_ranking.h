#pragma once

#include "app/workspace.h"
#include "tinynas/core/progress.h"
#include "tinynas/report/ranking.h"
#include "tinynas/space/rank.h"

namespace tinynas::app {

/// A space as an experiment ranks it. Its elastic resolutions are those that `pixels`, the side of the
/// images, reaches; one that is asked for (rank.resolution) is not elastic.
space::SearchSpace ranked_space(space::SearchSpace space, const Experiment::Rank& wanted, int pixels);

space::RankProblem rank_problem(const space::SearchSpace& space, const data::Dataset& dataset,
                                const Target& target, const Experiment::Rank& wanted);

/// As the tables and the page want it: CDFs thinned to what a plot can show.
std::vector<report::RankedSpace> ranked_spaces(const space::Ranking& ranking);

/// The longer side of a data set's images.
int side_of(const data::Dataset& dataset);

/// Throws InfeasibleError, naming the limit and the smallest need, if for one of the experiment's targets not
/// even the smallest networks of `space` fit.
void require_feasible(const Experiment& experiment, const space::SearchSpace& space);

}  // namespace tinynas::app
