#pragma once

#include <vector>

#include "tinynas/app/experiment.h"
#include "tinynas/core/progress.h"
#include "tinynas/report/ranking.h"

namespace tinynas::app {

/// Ranks the space of an experiment without training anything: every (resolution, width) with the share that
/// fits and the mean multiply-accumulates. A time limit is not looked at. InfeasibleError if nothing fits.
std::vector<report::RankedSpace> rank_spaces(const Experiment& experiment, const ProgressFn& progress,
                                             const StopToken& stop);

/// The best space for every pair of SRAM and Flash limits; the experiment's other limits hold throughout.
std::vector<report::SweepPoint> sweep_spaces(const Experiment& experiment,
                                             const std::vector<Bytes>& sram_limits,
                                             const std::vector<Bytes>& flash_limits,
                                             const ProgressFn& progress, const StopToken& stop);

}  // namespace tinynas::app
