#pragma once

#include <filesystem>

#include "tinynas/app/run_directory.h"

/// The run that a supernet was trained in, as read by a run that searches it too. It is not opened: it may be
/// at work.
namespace tinynas::app {

/// Where the supernet of a run lies: in its own folder, or in that of experiment.supernet.
std::filesystem::path supernet_folder_of(const RunDirectory& run);
std::filesystem::path supernet_folder_of(const std::filesystem::path& run, const Experiment& experiment);

/// IoError if the run named by experiment.supernet has no trained supernet; ConfigError as below.
void require_supernet(const std::filesystem::path& run, const Experiment& experiment);
/// ConfigError if the experiment differs from that run's in what makes a supernet and its answers (data,
/// space, training, seed).
void require_same_supernet(const std::filesystem::path& run, const Experiment& experiment);

}  // namespace tinynas::app
