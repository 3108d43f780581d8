#include "app/run/supernet_run.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "app/run/files.h"
#include "tinynas/core/error.h"

namespace tinynas::app {
namespace fs = std::filesystem;
namespace {

/// Whether a key decides what the supernet is or what it answers.
bool makes_supernet(std::string_view key) {
  constexpr std::array<std::string_view, 3> kKeys = {"space", "search.seed", "search.bn_images"};
  return key.starts_with("train.") ||
         (key.starts_with("data.") && key != "data.test_images" && key != "data.tune_on_held_out") ||
         std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end();
}

}  // namespace

fs::path supernet_folder_of(const RunDirectory& run) {
  return supernet_folder_of(run.path(), run.experiment());
}

fs::path supernet_folder_of(const fs::path& run, const Experiment& experiment) {
  if (experiment.supernet.empty()) return run;
  const fs::path folder = (run / experiment.supernet).lexically_normal();
  return folder.has_filename() ? folder : folder.parent_path();  // "runs/small", not "runs/small/"
}

void require_supernet(const fs::path& run, const Experiment& experiment) {
  const fs::path folder = supernet_folder_of(run, experiment);
  std::error_code ignored;
  for (const std::string_view file : {kSpaceFile, kRankFile, kTrainFile})
    if (!fs::exists(folder / file, ignored))
      throw IoError(
          fmt::format("{}: holds no trained supernet (no {}); give supernet the folder of a run that "
                      "has one, or finish it first with tinynas resume {}",
                      folder.string(), file, folder.string()));
  if (const Experiment there = load_experiment(folder / kConfigFile); !there.supernet.empty())
    throw ConfigError(fmt::format("{}: searches the supernet of {} itself; give supernet that folder",
                                  folder.string(), supernet_folder_of(folder, there).string()));
  require_same_supernet(run, experiment);
}

void require_same_supernet(const fs::path& run, const Experiment& experiment) {
  const fs::path folder = supernet_folder_of(run, experiment);
  const Experiment there = load_experiment(folder / kConfigFile);
  // A time limit is planned for where the supernet is trained; without one the config's own numbers hold.
  const auto decides = [&](std::string_view key) {
    return makes_supernet(key) || (key == "time" && experiment.time_ms);
  };
  if (const auto found = differences(experiment, there, decides); !found.empty())
    throw ConfigError(
        fmt::format("the supernet of {} was made with another config ({}); keep these as they are "
                    "there",
                    folder.string(), fmt::join(found, ", ")));
}

}  // namespace tinynas::app
