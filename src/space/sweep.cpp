#include "tinynas/space/sweep.h"

#include <algorithm>

#include "space/grid.h"
#include "tinynas/core/parallel.h"

namespace tinynas::space {

std::vector<BudgetWinner> sweep_budgets(const RankProblem& problem, const std::vector<Bytes>& sram_limits,
                                        const std::vector<Bytes>& flash_limits, const RankOptions& options,
                                        const ProgressFn& progress, const StopToken& stop) {
  const std::vector<Place> places = grid_places(problem.space);
  const std::size_t count = places.size();
  std::vector<std::vector<cost::Footprint>> networks(count);
  const std::size_t chunk = 4 * at(parallel_threads());
  for (std::size_t begin = 0; begin < count; begin += chunk) {
    stop.throw_if_stopped("sampling the search spaces");
    const std::size_t end = std::min(count, begin + chunk);
    parallel_for_index(end - begin, [&](std::size_t i) {
      NeedTracker unused({});
      networks[begin + i] = sample_networks(problem, options, places[begin + i], unused);
    });
    if (progress) progress({.done = static_cast<double>(end), .total = static_cast<double>(count)});
  }

  std::vector<BudgetWinner> points;
  for (const Bytes sram : sram_limits)
    for (const Bytes flash : flash_limits) {
      cost::Budget budget = problem.budget;
      budget.sram_bytes = sram;
      budget.flash_bytes = flash;
      std::vector<SpaceRank> spaces;
      for (std::size_t i = 0; i < count; ++i)
        spaces.push_back(judge_space(problem, options, places[i], networks[i], budget));
      BudgetWinner point{.sram_bytes = sram, .flash_bytes = flash};
      if (const auto winner = winner_of(spaces)) point.best = std::move(spaces[*winner]);
      points.push_back(std::move(point));
    }
  return points;
}

}  // namespace tinynas::space
