#pragma once

#include <optional>
#include <vector>

#include "tinynas/space/rank.h"

namespace tinynas::space {

/// The space that ranking chooses under one pair of limits.
struct BudgetWinner {
  Bytes sram_bytes = 0, flash_bytes = 0;
  std::optional<SpaceRank> best = {};  ///< none: nothing fits, or every space was set aside
  friend bool operator==(const BudgetWinner&, const BudgetWinner&) = default;
};

/// Best space for every pair of SRAM and Flash limits (MCUNet, arXiv:2007.10319 figure 4), in the order
/// given, Flash fastest; the problem's other limits hold throughout. Each point is what rank() says under
/// those limits, but networks are sampled and costed once for all of them.
std::vector<BudgetWinner> sweep_budgets(const RankProblem& problem, const std::vector<Bytes>& sram_limits,
                                        const std::vector<Bytes>& flash_limits, const RankOptions& options,
                                        const ProgressFn& progress = {}, const StopToken& stop = {});

}  // namespace tinynas::space
