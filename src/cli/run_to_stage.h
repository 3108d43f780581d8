#pragma once

#include <string>
#include <string_view>

#include "cli/command.h"
#include "cli/experiment_flags.h"
#include "tinynas/app/pipeline.h"

namespace tinynas::cli {

/// Runs the stages of `run` up to `until` (empty: all) with progress on stderr.
void run_to_stage(const app::RunDirectory& run, const app::TrainingStages& training, std::string_view until,
                  const Shell& shell);
/// Where the run stands, in a few lines on stdout; the whole result.json with `json`.
void print_result(const app::RunDirectory& run, bool json);

/// A command that starts or continues a run and works up to one stage.
struct StageCommand {
  const char* name;
  const char* help;
  const char* until;  ///< empty: to the end
  const char* example;
};
void add_stage_command(CLI::App& app, const Shell& shell, const StageCommand& command);

}  // namespace tinynas::cli
