#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tinynas/app/experiment.h"

namespace tinynas::app {

/// runs/NAME: one experiment and what its stages have made so far. Every file in it is written whole, so that
/// the process may be killed at any moment; one process at a time works in it.
class RunDirectory {
 public:
  /// A new run, or the same experiment continued. ConfigError if the folder holds a run of another config
  /// (says which keys differ) or files that are no run; IoError if it cannot be written or another process
  /// works in it. A licence is no part of what a run is: the experiment's replaces the one there.
  static RunDirectory create(const std::filesystem::path& folder, const Experiment& experiment);
  /// An existing run, with the experiment it was started with. IoError if there is none. Its config states
  /// `license` from now on, unless that is empty.
  static RunDirectory open(const std::filesystem::path& folder, const std::string& license = {});
  /// The same beside a process that works in it: not locked, so that nothing of it may be written or removed.
  static RunDirectory open_to_read(const std::filesystem::path& folder);
  /// ConfigError if it is a run of another config.
  static RunDirectory open_to_read(const std::filesystem::path& folder, const Experiment& experiment);

  const Experiment& experiment() const { return experiment_; }
  const std::filesystem::path& path() const { return folder_; }
  std::filesystem::path operator/(std::string_view name) const { return folder_ / name; }

  bool has(std::string_view file) const;
  std::string read(std::string_view file) const;
  void write(std::string_view file, std::string_view bytes) const;
  /// Files or whole folders; absent ones are ignored.
  void remove(const std::vector<std::string>& names) const;

 private:
  RunDirectory(std::filesystem::path folder, Experiment experiment, std::shared_ptr<void> lock);
  static RunDirectory locked(const std::filesystem::path& folder, Experiment experiment);
  std::filesystem::path folder_;
  Experiment experiment_;
  std::shared_ptr<void> lock_;  ///< as long as a copy of this object lives; null: opened to read
};

/// "runs/fashion-mnist-stm32f746-320K-1M": where a run goes when no --run is given.
std::filesystem::path default_run_folder(const Experiment& experiment);

}  // namespace tinynas::app
