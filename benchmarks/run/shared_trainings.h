#pragma once

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "app/run/keys.h"
#include "app/workspace.h"
#include "cli/progress_line.h"
#include "run/network_choice.h"
#include "tinynas/core/file_lock.h"
#include "tinynas/core/files.h"
#include "tinynas/core/hash.h"

/// Trainings of many networks, shared out to all processes that are started with the same folder.
namespace tinynas::bench {

struct Trained {
  double accuracy = 0;  ///< percent of the test images, of finalists of the held-out ones
  double seconds = 0;
};

/// Trained networks, in a JSONL file that several processes append to. Lines of other settings are left
/// out.
class Results {
 public:
  Results(std::filesystem::path file, std::string settings)
      : file_(std::move(file)), settings_(std::move(settings)) {}

  std::map<std::string, Trained> read() const {
    std::map<std::string, Trained> found;
    for (const std::string& line : read_complete_lines(file_)) {
      const app::Json json = app::Json::parse(line, nullptr, /*allow_exceptions=*/false);
      if (!json.is_object() || json.value("settings", "") != settings_) continue;
      found[json.at("genome").get<std::string>()] = {.accuracy = json.at("accuracy"),
                                                     .seconds = json.at("seconds")};
    }
    return found;
  }
  void append(const std::string& genome, const Trained& trained) const {
    const app::Json json = {{"genome", genome},
                            {"settings", settings_},
                            {"accuracy", trained.accuracy},
                            {"seconds", trained.seconds}};
    append_line(file_, json.dump());
  }

 private:
  std::filesystem::path file_;
  std::string settings_;
};

/// How networks are trained: alone, or as finalists of a search.
struct Trainings {
  std::string kind;  ///< "alone" | "finalist"
  std::function<train::Context(const app::NetworkAlone&)> context_of;
  train::Recipe recipe;
  std::filesystem::path folder;
  train::TuneOptions start;  ///< where the weights come from
  Results results;
  cli::ProgressLine* line;
  StopToken stop;
};

/// Trains one network unless another process does or did; whether it was trained here. `title` goes on
/// screen.
inline bool train_one(app::Workspace& workspace, const Network& network, const Trainings& all,
                      const std::string& title) {
  const app::NetworkAlone alone = app::alone(workspace.run(), network.genome);
  const std::string genome = space::to_string(alone.space, alone.genome),
                    name = all.kind + "-" + hex(space::hash(network.genome)), lock_name = name + ".lock";
  const auto lock = try_lock_file(all.folder / lock_name);
  if (!lock || all.results.read().contains(genome)) return false;
  all.line->begin(title);
  const auto start = std::chrono::steady_clock::now();
  train::TuneOptions options = all.start;
  options.name = name;
  const train::Tuned tuned = workspace.oracle().training().tune(
      all.context_of(alone), alone.genome, all.recipe, all.folder, options, all.line->callback(), all.stop);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  all.results.append(genome, {.accuracy = tuned.accuracy, .seconds = seconds});
  std::filesystem::remove(all.folder / (name + ".pt"));
  std::filesystem::remove(all.folder / lock_name);
  return true;
}

/// Trains every network that nobody else trains or has trained.
inline void train_all(app::Workspace& workspace, const std::vector<Network>& networks, const Trainings& all) {
  const space::SearchSpace space = app::chosen_space(workspace.run().path());
  double seconds = 0, trained = 0;
  for (const Network& network : networks) {
    const auto before = all.results.read();
    if (before.contains(space::to_string(space, network.genome))) continue;
    const std::size_t left = networks.size() - before.size();
    std::string estimate;
    if (trained > 0)
      estimate = fmt::format(", {} for all that are left if nobody helps",
                             format_millis(1e3 * std::round(seconds / trained) * static_cast<double>(left)));
    const std::string title = fmt::format("[{} of {} trained{}] {} MACs", before.size(), networks.size(),
                                          estimate, format_macs(network.macs));
    if (!train_one(workspace, network, all, title)) continue;
    const auto after = all.results.read();
    const Trained& one = after.at(space::to_string(space, network.genome));
    seconds += one.seconds;
    trained += 1;
    all.line->end(fmt::format("{:.2f} % {}, {} MACs, in {}", one.accuracy, all.kind,
                              format_macs(network.macs), format_millis(1e3 * std::round(one.seconds))));
  }
}

/// Trains what nobody else trains; all networks once they are there, nothing while other processes still
/// train some.
inline std::map<std::string, Trained> trained(app::Workspace& workspace, const Choice& choice,
                                              const Trainings& trainings) {
  train_all(workspace, choice.networks, trainings);
  const auto results = trainings.results.read();
  std::map<std::string, Trained> wanted;
  const space::SearchSpace space = app::chosen_space(workspace.run().path());
  for (const Network& network : choice.networks) {
    const auto found = results.find(space::to_string(space, network.genome));
    if (found != results.end()) wanted.insert(*found);
  }
  if (wanted.size() == choice.networks.size()) return wanted;
  fmt::print(
      "{}: {} of {} networks are trained, other processes train the rest; the last one prints the table\n",
      trainings.kind, wanted.size(), choice.networks.size());
  return {};
}

}  // namespace tinynas::bench
