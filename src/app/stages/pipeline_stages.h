#pragma once

#include <vector>

#include "app/workspace.h"
#include "tinynas/app/result.h"
#include "tinynas/app/stages.h"
#include "tinynas/report/report.h"

/// One maker per stage, one file per stage. `workspace` must outlive the stage.
namespace tinynas::app {

Stage rank_stage(Workspace& workspace);
Stage train_stage(Workspace& workspace);
/// Instead of these two in a run that searches the supernet of another one.
Stage given_rank_stage(Workspace& workspace);
Stage given_train_stage(Workspace& workspace);
Stage search_stage(Workspace& workspace);
Stage tune_stage(Workspace& workspace);
Stage quantize_stage(Workspace& workspace);
Stage export_stage(Workspace& workspace);
Stage eval_stage(Workspace& workspace);
Stage compile_stage(Workspace& workspace);
Stage emulate_stage(Workspace& workspace);
Stage report_stage(Workspace& workspace);

/// What the files of a run, and the results of its further devices' runs, come to.
Result make_result(Workspace& workspace);
/// Writes result.json, README.md, report.html and the curves for TensorBoard, from the files of the run; the
/// page as it was written.
report::RunReport write_report(Workspace& workspace);

/// All of a run, in order.
std::vector<Stage> make_stages(Workspace& workspace);

/// Name and seconds so far of the stages before one, in order, as far as they have run.
std::vector<std::pair<std::string, double>> seconds_before(Workspace& workspace, std::string_view stage);
/// Their sum.
double sum_before(Workspace& workspace, std::string_view stage);

/// Part [from, to] of a stage's progress.
inline ProgressFn part_of(const ProgressFn& progress, double from, double to) {
  if (!progress) return {};
  return [=](const Progress& part) {
    const double share = part.total > 0 ? part.done / part.total : 0;
    progress({.done = from + share * (to - from), .total = 1, .note = part.note});
  };
}

}  // namespace tinynas::app
