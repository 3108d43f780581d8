#include "app/experiment/targets.h"

#include <fmt/format.h>

#include <algorithm>

namespace tinynas::app {
namespace fs = std::filesystem;

std::vector<Experiment> target_experiments(const Experiment& experiment) {
  std::vector<Experiment> targets = {experiment};
  for (const Experiment::Further& further : experiment.also) {
    Experiment& target = targets.emplace_back(experiment);
    target.device = further.device;
    target.budget = further.budget;
    target.also.clear();
    target.supernet = "../..";  // from also/DEVICE
  }
  return targets;
}

std::vector<fs::path> further_folders(const Experiment& experiment) {
  std::vector<fs::path> folders;
  const std::vector<Experiment> targets = target_experiments(experiment);
  for (std::size_t i = 1; i < targets.size(); ++i) {
    const fs::path plain = fs::path(kAlsoFolder) / target_name(targets[i]);
    fs::path folder = plain;
    for (int n = 2; std::find(folders.begin(), folders.end(), folder) != folders.end(); ++n)
      folder = fmt::format("{}-{}", plain.string(), n);
    folders.push_back(folder);
  }
  return folders;
}

std::string target_name(const Experiment& experiment) { return fs::path(experiment.device).stem().string(); }

std::string target_prefix(std::span<const Experiment> targets, std::size_t i) {
  return targets.size() > 1 ? target_name(targets[i]) + ": " : std::string();
}

}  // namespace tinynas::app
