#pragma once

#include <optional>
#include <vector>

#include "tinynas/app/experiment.h"
#include "tinynas/core/progress.h"
#include "tinynas/cost/engines.h"
#include "tinynas/report/ranking.h"
#include "tinynas/space/search_space.h"

namespace tinynas::app {

/// What a ranking looks at beside the experiment.
struct RankingOptions {
  std::optional<space::Task> task = {};       ///< channels and classes without a data set
  cost::Engine engine = cost::Engine::kRows;  ///< whose memory and Flash rules decide what fits
  Bytes reserve_bytes = 0;                    ///< of the SRAM limit, for whatever else runs on the device
};

/// Ranks the space of an experiment without training anything: every (resolution, width) with the share that
/// fits and the mean multiply-accumulates. With further devices (`also`) the figures are the first device's,
/// and the choice is the one for all. A time limit is ignored. InfeasibleError if nothing fits.
std::vector<report::RankedSpace> rank_spaces(const Experiment& experiment, const RankingOptions& options,
                                             const ProgressFn& progress, const StopToken& stop);

struct SweepLimits {
  std::vector<Bytes> sram, flash;
};
/// The best space for every pair of SRAM and Flash limits; the experiment's other limits hold throughout.
/// ConfigError for an experiment with further devices.
std::vector<report::SweepPoint> sweep_spaces(const Experiment& experiment, const RankingOptions& options,
                                             const SweepLimits& limits, const ProgressFn& progress,
                                             const StopToken& stop);

}  // namespace tinynas::app
