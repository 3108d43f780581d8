#include "tinynas/app/run_directory.h"

#include <fmt/format.h>

#include "app/run/files.h"
#include "tinynas/core/error.h"
#include "tinynas/core/file_lock.h"
#include "tinynas/core/files.h"

namespace tinynas::app {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kLockFile = ".lock";

std::shared_ptr<void> lock_folder(const fs::path& folder) {
  auto lock = try_lock_file(folder / kLockFile);
  if (!lock)
    throw IoError(fmt::format(
        "{}: another tinynas is working in this run; wait for it or choose another --run", folder.string()));
  return lock;
}

/// Half-written files that a killed process left behind.
void remove_temporaries(const fs::path& folder) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored))
    if (entry.path().extension() == ".tmp") fs::remove(entry.path(), ignored);
}

bool is_empty_or_absent(const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(folder, error)) return true;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (entry.path().filename() != kLockFile && entry.path().extension() != ".tmp") return false;
  return true;
}

void require_run(const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(folder / kConfigFile, error))
    throw IoError(fmt::format("{}: holds no run (no {}); start one with tinynas search --run {}",
                              folder.string(), kConfigFile, folder.string()));
}

void refuse_other_config(const fs::path& folder, const Experiment& asked) {
  const auto found = differences(asked, load_experiment(folder / kConfigFile),
                                 [](std::string_view key) { return key != "license"; });
  if (found.empty()) return;
  constexpr std::size_t kShown = 3;
  std::string text;
  for (std::size_t i = 0; i < found.size() && i < kShown; ++i) text += (i ? ", " : "") + found[i];
  if (found.size() > kShown) text += fmt::format(" and {} more", found.size() - kShown);
  throw ConfigError(
      fmt::format("{}: holds a run of another config ({}); use another --run, or continue that run with "
                  "tinynas resume {}",
                  folder.string(), text, folder.string()));
}

}  // namespace

RunDirectory::RunDirectory(fs::path folder, Experiment experiment, std::shared_ptr<void> lock)
    : folder_(std::move(folder)), experiment_(std::move(experiment)), lock_(std::move(lock)) {}

RunDirectory RunDirectory::locked(const fs::path& folder, Experiment experiment) {
  RunDirectory run(folder, std::move(experiment), lock_folder(folder));
  remove_temporaries(folder);
  return run;
}

RunDirectory RunDirectory::create(const fs::path& folder, const Experiment& experiment) {
  std::error_code error;
  if (fs::exists(folder, error) && !fs::is_directory(folder, error))
    throw IoError(fmt::format("{}: is a file, not a folder; choose another --run", folder.string()));
  if (fs::exists(folder / kConfigFile, error)) {
    refuse_other_config(folder, experiment);
    return open(folder, experiment.license);
  }
  if (!is_empty_or_absent(folder))
    throw ConfigError(
        fmt::format("{}: this folder is not empty and holds no run; choose another --run", folder.string()));
  require_writable_folder(folder);
  RunDirectory run = locked(folder, experiment);
  run.write(kConfigFile, to_yaml(experiment));
  return run;
}

RunDirectory RunDirectory::open(const fs::path& folder, const std::string& license) {
  require_run(folder);
  Experiment experiment = load_experiment(folder / kConfigFile);
  const bool stated = license.empty() || license == experiment.license;
  if (!stated) experiment.license = license;
  RunDirectory run = locked(folder, std::move(experiment));
  if (!stated) run.write(kConfigFile, to_yaml(run.experiment()));
  return run;
}

RunDirectory RunDirectory::open_to_read(const fs::path& folder) {
  require_run(folder);
  return RunDirectory(folder, load_experiment(folder / kConfigFile), nullptr);
}

RunDirectory RunDirectory::open_to_read(const fs::path& folder, const Experiment& experiment) {
  require_run(folder);
  refuse_other_config(folder, experiment);
  return open_to_read(folder);
}

bool RunDirectory::has(std::string_view file) const {
  std::error_code ignored;
  return fs::exists(folder_ / file, ignored);
}

std::string RunDirectory::read(std::string_view file) const { return read_file(folder_ / file); }

void RunDirectory::write(std::string_view file, std::string_view bytes) const {
  TINYNAS_CHECK(lock_, "the run was opened to read");
  write_file(folder_ / file, bytes);
}

void RunDirectory::remove(const std::vector<std::string>& names) const {
  TINYNAS_CHECK(lock_, "the run was opened to read");
  for (const std::string& name : names) {
    std::error_code error;
    fs::remove_all(folder_ / name, error);
    if (error)
      throw IoError(fmt::format("{}: cannot be removed ({})", (folder_ / name).string(), error.message()));
  }
}

fs::path default_run_folder(const Experiment& experiment) {
  std::string name = experiment.data.set + "-" + fs::path(experiment.device).stem().string();
  const auto add = [&](const std::optional<Bytes>& limit) {
    if (!limit) return;
    std::string text = format_bytes(*limit);
    if (text.ends_with(" B")) text.erase(text.size() - 2, 1);
    name += "-" + text;
  };
  add(experiment.budget.sram_bytes);
  add(experiment.budget.flash_bytes);
  for (const Experiment::Further& further : experiment.also)
    name += "+" + fs::path(further.device).stem().string();
  return fs::path("runs") / name;
}

}  // namespace tinynas::app
