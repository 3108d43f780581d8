#pragma once

#include <filesystem>
#include <string>

#include "tinynas/app/plan.h"
#include "tinynas/app/run_directory.h"
#include "tinynas/space/feasibility.h"
#include "tinynas/space/search_space.h"

namespace tinynas::app {

/// The run that a supernet was trained in, as read by a run that searches it too. It is not opened: it may be
/// at work.
class SupernetRun {
 public:
  explicit SupernetRun(std::filesystem::path folder);
  /// What the supernet was trained over, and where that lies in the whole space of the run.
  space::SearchSpace chosen_space() const;
  int resolution_index() const { return resolution_index_; }
  int width_index() const { return width_index_; }
  Plan plan() const;
  /// For an InfeasibleError: nothing of the supernet fits.
  std::string verdict(const space::Infeasible& needs) const;

 private:
  std::filesystem::path folder_;
  int resolution_index_ = 0, width_index_ = 0;
};

/// Where the supernet of a run lies: in its own folder, or in that of experiment.supernet.
std::filesystem::path supernet_folder_of(const RunDirectory& run);
std::filesystem::path supernet_folder_of(const std::filesystem::path& run, const Experiment& experiment);

/// IoError if the run named by experiment.supernet has no trained supernet; ConfigError as below.
void require_supernet(const std::filesystem::path& run, const Experiment& experiment);
/// ConfigError if the experiment differs from that run's in what makes a supernet and its answers (data,
/// space, training, seed).
void require_same_supernet(const std::filesystem::path& run, const Experiment& experiment);

}  // namespace tinynas::app
