#pragma once

#include <string_view>

#include "cli/command.h"
#include "tinynas/app/pipeline.h"

namespace tinynas::cli {

/// Runs the stages of `run` up to `until` (empty: all) with progress on stderr.
void run_to_stage(const app::RunDirectory& run, const app::TrainingStages& training, std::string_view until,
                  const Shell& shell);
/// Where the run stands, in a few lines on stdout; the whole result.json with `json`.
void print_result(const app::RunDirectory& run, bool json);

}  // namespace tinynas::cli
