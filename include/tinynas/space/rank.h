#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tinynas/core/progress.h"
#include "tinynas/cost/footprint.h"
#include "tinynas/space/feasibility.h"
#include "tinynas/space/search_space.h"

namespace tinynas::space {

enum class Standing : std::uint8_t {
  kRanked,
  kTooFewFit,     ///< set aside: less than the least share of its networks fits
  kNotTrainable,  ///< set aside by the caller's predicate
};

/// One space of the grid (one width, and one resolution or an elastic one) and what its samples show.
struct SpaceRank {
  int resolution_index = 0, width_index = 0;
  int resolution = 0;           ///< the largest, which resolution_index is of
  int smallest_resolution = 0;  ///< where it is elastic; 0: there is one
  double width = 0;
  int samples = 0, fitting = 0;
  double mean_macs = 0;         ///< over the networks that fit; 0 if none does
  double mean_params = 0;       ///< the same
  std::vector<Macs> macs = {};  ///< of the networks that fit, ascending: their CDF
  Standing standing = Standing::kRanked;
  std::string reason = {};  ///< why it was set aside; empty if ranked
  double share() const { return samples == 0 ? 0 : static_cast<double>(fitting) / samples; }
  friend bool operator==(const SpaceRank&, const SpaceRank&) = default;
};

/// "r28-w1", or "r16-28-w1" where the resolution is elastic.
std::string space_name(const SpaceRank& rank);

/// Every space of the grid, in order of resolution, then width; where the resolution is elastic, one a width,
/// whose samples draw resolutions too. The winner is the ranked space with the largest mean MACs (MCUNet,
/// arXiv:2007.10319 section 3.1: more computation under the same memory is more accuracy).
struct Ranking {
  std::vector<SpaceRank> spaces = {};
  std::optional<std::size_t>
      winner;        ///< index into `spaces`; none: no network fits, or every space was set aside
  Infeasible needs;  ///< over all samples and the smallest network of every space
  bool any_fits() const;
  friend bool operator==(const Ranking&, const Ranking&) = default;
};

/// Says why a space cannot be trained in time; empty if it can. Called once per space that has enough
/// networks that fit.
using Untrainable = std::function<std::string(const SpaceRank&)>;

struct RankOptions {
  int samples = 1000;         ///< per space, as in the paper
  double least_share = 0.01;  ///< a space of which less fits is set aside
  std::uint64_t seed = 1;
};

/// What is ranked.
struct RankProblem {
  SearchSpace space;
  Task task;
  cost::Budget budget = {};
  CostFactory cost = {};
  Untrainable untrainable = {};  ///< may be empty
};

/// The same result for any number of threads. Throws InterruptedError when stopped.
Ranking rank(const RankProblem& problem, const RankOptions& options, const ProgressFn& progress = {},
             const StopToken& stop = {});

/// The space to train one supernet over when several targets are to be searched in it, given the ranking of
/// the same space under each: of those that no target sets aside, the one with the largest geometric mean of
/// the targets' mean MACs. Accuracy follows the ratio of computation rather than its difference, so a tenth
/// less weighs the same for a small device and a large one. For a single ranking this is its winner.
std::optional<std::size_t> common_winner(std::span<const Ranking> rankings);

/// The MACs that a share p (0..1) of the networks that fit stay below or at; 0 if none fits.
Macs macs_quantile(const SpaceRank& space, double p);

/// "none of 25 spaces ...": one line that says why there is no winner. Call it only then.
std::string explain_no_winner(const Ranking& ranking);

}  // namespace tinynas::space
