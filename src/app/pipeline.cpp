#include "tinynas/app/pipeline.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/experiment/targets.h"
#include "app/run/chosen.h"
#include "app/run/files.h"
#include "app/run/supernet_run.h"
#include "app/space_ranking.h"
#include "app/stages/pipeline_stages.h"
#include "app/workspace.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/core/log.h"

namespace tinynas::app {
namespace {

constexpr std::string_view kLogFile = "log.txt";

/// The text of the search space's file: the one the experiment names, or that of the supernet's run.
std::string space_text(const std::filesystem::path& run, const Experiment& experiment) {
  return read_file(experiment.supernet.empty() ? find_resource(experiment.space)
                                               : supernet_folder_of(run, experiment) / kSpaceFile);
}

/// Everything an experiment names must be there, and its budgets must be possible, before a folder is made.
std::string checked_space(const std::filesystem::path& run, const Experiment& experiment) {
  if (experiment.supernet.empty()) {
    require_feasible(experiment, space::SearchSpace::load(find_resource(experiment.space)));
  } else {
    require_supernet(run, experiment);
    require_feasible(experiment, chosen_space(supernet_folder_of(run, experiment)));
  }
  return space_text(run, experiment);
}

void keep_space(const RunDirectory& run, const std::string& space) {
  if (!run.has(kSpaceFile)) return run.write(kSpaceFile, space);
  if (run.read(kSpaceFile) != space)
    throw ConfigError(
        fmt::format("{}: was started with another version of {}; use another --run, or continue it with "
                    "tinynas resume {}",
                    run.path().string(), run.experiment().space, run.path().string()));
}

/// The stages of several runs, reported as one sequence.
struct Sequence {
  const Monitor& monitor;
  int done = 0;  ///< stages of the runs before
  int count = 0;

  /// For the next run's stages, each of which calls `before_each`.
  Monitor part(const std::string& prefix, const std::function<void()>& before_each) const {
    const auto named = [prefix](std::string_view stage) { return prefix + std::string(stage); };
    Monitor part = monitor;
    part.started = [=, *this](std::string_view stage, int index, int) {
      before_each();
      if (monitor.started) monitor.started(named(stage), done + index, count);
    };
    if (monitor.finished)
      part.finished = [=, *this](std::string_view stage, double seconds, std::string_view text) {
        monitor.finished(named(stage), seconds, text);
      };
    if (monitor.skipped) part.skipped = [=, *this](std::string_view stage) { monitor.skipped(named(stage)); };
    return part;
  }
};

/// One further target: a run of its own that searches the supernet of `first`.
void run_further(Workspace& first, const std::filesystem::path& folder, const Experiment& target,
                 std::string_view until, const Monitor& monitor, const StopToken& stop) {
  log_info(fmt::format("further_target device={} run={}", target_name(target), folder.string()));
  const RunDirectory run = RunDirectory::create(first.run() / folder.string(), target);
  if (!run.has(kSpaceFile)) run.write(kSpaceFile, first.run().read(kSpaceFile));
  Workspace workspace(run, first.images(), first.oracle());
  run_stages(run, make_stages(workspace), until, monitor, stop);
}

/// All targets up to a stage: the first one, whose page is left for the end since it tells of the others,
/// then every further one.
void run_targets(Workspace& first, std::string_view until, const Monitor& monitor, const StopToken& stop) {
  const std::vector<Stage> stages = make_stages(first);
  const auto last =
      std::find_if(stages.begin(), stages.end(), [&](const Stage& s) { return s.name == until; });
  const int each = static_cast<int>(last == stages.end() ? stages.size() : last - stages.begin() + 1);
  const std::vector<Experiment> targets = target_experiments(first.experiment());
  const std::vector<std::filesystem::path> folders = further_folders(first.experiment());
  Sequence sequence{.monitor = monitor, .count = each * static_cast<int>(targets.size())};
  const bool to_the_end = until.empty() || until == stages.back().name;
  run_stages(first.run(), stages, to_the_end ? std::string_view(stages[stages.size() - 2].name) : until,
             sequence.part("", [] {}), stop);
  sequence.done = to_the_end ? each - 1 : each;
  for (std::size_t i = 0; i < folders.size(); ++i) {
    // A page written before would tell of what is about to change.
    const auto forget_page = [&] { first.run().remove({kReportFile, kCardFile, kResultFile}); };
    run_further(first, folders[i], targets[i + 1], until,
                sequence.part(folders[i].filename().string() + " ", forget_page), stop);
    sequence.done += each;
  }
  if (to_the_end) run_stages(first.run(), std::span(stages).last(1), "", sequence.part("", [] {}), stop);
}

}  // namespace

RunDirectory start_run(const std::filesystem::path& folder, const Experiment& experiment) {
  const std::string space = checked_space(folder, experiment);
  RunDirectory run = RunDirectory::create(folder, experiment);
  keep_space(run, space);
  return run;
}

void run_pipeline(const RunDirectory& run, const TrainingStages& training, std::string_view until,
                  const Monitor& monitor, const StopToken& stop) {
  if (!run.has(kSpaceFile))  // killed while it was started
    keep_space(run, space_text(run.path(), run.experiment()));
  set_log_file(run / kLogFile);
  Images images(run.experiment());
  Oracle oracle(run, training, images);
  Workspace workspace(run, images, oracle);
  if (run.experiment().also.empty())
    run_stages(run, make_stages(workspace), until, monitor, stop);
  else
    run_targets(workspace, until, monitor, stop);
}

void rewrite_report(const RunDirectory& run, const std::filesystem::path& pictures) {
  if (!run.has(kEmulateFile))
    throw IoError(fmt::format("{}: has nothing to report yet; finish it first with tinynas resume {}",
                              run.path().string(), run.path().string()));
  Images images(run.experiment());
  Oracle oracle(run, built_in_training(), images);
  for (const std::filesystem::path& folder : further_folders(run.experiment())) {
    if (!run.has((folder / kEmulateFile).string())) continue;
    Workspace further(RunDirectory::open(run.path() / folder, run.experiment().license), images, oracle);
    write_report(further);
  }
  Workspace workspace(run, images, oracle);
  const report::RunReport page = write_report(workspace);
  if (!pictures.empty())
    for (const report::Picture& picture : report::pictures(page))
      write_file(pictures / picture.name, picture.svg);
}

}  // namespace tinynas::app
