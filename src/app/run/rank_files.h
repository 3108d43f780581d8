#pragma once

#include "tinynas/app/plan.h"
#include "tinynas/app/run_directory.h"
#include "tinynas/space/rank.h"

/// What the rank stage leaves in a run.
namespace tinynas::app {

/// plan.json.
void write_plan(const RunDirectory& run, const Plan& plan);
Plan read_plan(const std::filesystem::path& run);

/// What the supernet is trained over, from rank.json: a part of the run's own space.
space::SearchSpace read_chosen_space(const std::filesystem::path& run);

/// rank.json: every space, and `winner`, the one that is trained; its indices are those of the run's own
/// space.
void write_ranking(const RunDirectory& run, const space::Ranking& ranking, const space::SpaceRank& winner);

}  // namespace tinynas::app
