#pragma once

#include <filesystem>
#include <string_view>

#include "tinynas/app/run_directory.h"
#include "tinynas/app/stages.h"
#include "tinynas/app/training.h"

namespace tinynas::app {

/// Opens or creates the run of an experiment and keeps a copy of its search space there. Checks what can be
/// checked before anything is written: the space, the devices, their budgets (InfeasibleError if no network
/// of the space can meet one of them), and, if another run's supernet is searched, that it is there and fits.
RunDirectory start_run(const std::filesystem::path& folder, const Experiment& experiment);

/// rank, train, search, tune, quantize, export, eval, compile, emulate, report: up to and including `until`
/// (empty: all). Further devices of the experiment follow as runs of their own below this one (also/DEVICE),
/// from the same supernet; this run's report, which tells of them, is then the last stage of all.
void run_pipeline(const RunDirectory& run, const TrainingStages& training, std::string_view until,
                  const Monitor& monitor, const StopToken& stop);

/// Writes result.json, README.md, report.html and tensorboard/ anew from the files of the run, before that
/// those of its further devices' runs that have got that far, which take over its licence. The page's
/// drawings go as SVG files into the folder `pictures` unless that is empty. IoError if the run has not got
/// that far.
void rewrite_report(const RunDirectory& run, const std::filesystem::path& pictures = {});

}  // namespace tinynas::app
