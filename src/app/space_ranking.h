#pragma once

#include <vector>

#include "tinynas/app/experiment.h"
#include "tinynas/report/ranking.h"
#include "tinynas/space/rank.h"

namespace tinynas::app {

/// A ranking for tables and the page: CDFs thinned to what a plot can show.
std::vector<report::RankedSpace> ranked_spaces(const space::Ranking& ranking);

/// Throws InfeasibleError, naming the limit and the smallest need, if for one of the experiment's targets not
/// even the smallest networks of `space` fit.
void require_feasible(const Experiment& experiment, const space::SearchSpace& space);

}  // namespace tinynas::app
