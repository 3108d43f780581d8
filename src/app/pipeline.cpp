#include "tinynas/app/pipeline.h"

#include <fmt/format.h>

#include "app/files.h"
#include "app/json.h"
#include "app/pipeline_stages.h"
#include "app/result.h"
#include "app/space_ranking.h"
#include "app/workspace.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/core/log.h"

namespace tinynas::app {
namespace {

constexpr std::string_view kLogFile = "log.txt";

/// Everything an experiment names must be there, and its budget must be possible, before a folder is made.
std::string checked_space(const Experiment& experiment) {
  require_feasible(rank_problem(experiment));
  return read_file(find_resource(experiment.space));
}

void keep_space(const RunDirectory& run, const std::string& space) {
  if (!run.has(kSpaceFile)) return run.write(kSpaceFile, space);
  if (run.read(kSpaceFile) != space)
    throw ConfigError(
        fmt::format("{}: was started with another version of {}; use another --run, or continue it with "
                    "tinynas resume {}",
                    run.path().string(), run.experiment().space, run.path().string()));
}

std::vector<Stage> make_stages(Workspace& workspace) {
  return {rank_stage(workspace),  train_stage(workspace),    search_stage(workspace),
          tune_stage(workspace),  quantize_stage(workspace), export_stage(workspace),
          eval_stage(workspace),  compile_stage(workspace),  emulate_stage(workspace),
          report_stage(workspace)};
}

}  // namespace

RunDirectory start_run(const std::filesystem::path& folder, const Experiment& experiment) {
  const std::string space = checked_space(experiment);
  RunDirectory run = RunDirectory::create(folder, experiment);
  keep_space(run, space);
  return run;
}

void run_pipeline(const RunDirectory& run, const TrainingStages& training, std::string_view until,
                  const Monitor& monitor, const StopToken& stop) {
  if (!run.has(kSpaceFile))
    keep_space(run, read_file(find_resource(run.experiment().space)));  // killed while it was started
  set_log_file(run / kLogFile);
  Workspace workspace(run, training);
  const std::vector<Stage> stages = make_stages(workspace);
  run_stages(run, stages, until, monitor, stop);
}

void rewrite_report(const RunDirectory& run) {
  if (!run.has(kEmulateFile))
    throw IoError(fmt::format("{}: has nothing to report yet; finish it first with tinynas resume {}",
                              run.path().string(), run.path().string()));
  Workspace workspace(run, built_in_training());
  try {
    write_result(workspace);
    write_report(workspace);
  } catch (const Json::exception& damaged) {
    throw IoError(damaged_file(run, "report", damaged.what()));
  }
}

}  // namespace tinynas::app
