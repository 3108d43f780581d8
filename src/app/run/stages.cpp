#include "tinynas/app/stages.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "app/run/files.h"
#include "app/run/json.h"
#include "tinynas/core/error.h"
#include "tinynas/core/log.h"

namespace tinynas::app {
namespace {

/// Seconds add up over the attempts of a stage that was stopped and resumed (a killed attempt is lost).
void add_seconds(const RunDirectory& run, const std::string& stage, double seconds) {
  Json json = run.has(kSecondsFile) ? read_json(run, kSecondsFile) : Json::object();
  json[stage] = json.value(stage, 0.0) + seconds;
  write_json(run, kSecondsFile, json);
}

void forget_seconds(const RunDirectory& run, const std::string& stage) {
  if (!run.has(kSecondsFile)) return;
  Json json = read_json(run, kSecondsFile);
  json.erase(stage);
  write_json(run, kSecondsFile, json);
}

std::vector<std::string> all_files(const Stage& stage) {
  std::vector<std::string> names = stage.files;
  names.push_back(stage.output);
  return names;
}

/// The later stages' files would no longer belong to what this stage is about to make.
void forget_later(const RunDirectory& run, std::span<const Stage> later) {
  for (std::size_t i = later.size(); i > 0; --i) {  // from the end: a kill in between leaves no gap
    const Stage& stage = later[i - 1];
    std::vector<std::string> outputs = all_files(stage);
    std::reverse(outputs.begin(), outputs.end());  // the output first: half a removal must not look complete
    run.remove(outputs);
    forget_seconds(run, stage.name);
  }
}

std::size_t stage_count(std::span<const Stage> stages, std::string_view until) {
  if (until.empty()) return stages.size();
  std::vector<std::string> names;
  for (std::size_t i = 0; i < stages.size(); ++i) {
    if (stages[i].name == until) return i + 1;
    names.push_back(stages[i].name);
  }
  throw ConfigError(fmt::format("--until: '{}' is not a stage; did you mean '{}'? Stages: {}", until,
                                nearest_word(until, names), fmt::join(names, ", ")));
}

void run_one(const RunDirectory& run, const Stage& stage, const Monitor& monitor, const StopToken& stop) {
  const auto begin = std::chrono::steady_clock::now();
  const auto elapsed = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  log_debug(fmt::format("stage_start stage={}", stage.name));
  std::string summary;
  try {
    summary = stage.run(monitor.progress ? monitor.progress : ProgressFn{}, stop);
  } catch (const InterruptedError&) {
    add_seconds(run, stage.name, elapsed());
    throw;
  } catch (const Json::exception& damaged) {
    throw IoError(damaged_file(run, stage.name, damaged.what()));
  }
  TINYNAS_CHECK(run.has(stage.output), "the stage did not write its output " + stage.output);
  add_seconds(run, stage.name, elapsed());
  log_debug(fmt::format("stage_end stage={} seconds={:.1f}", stage.name, elapsed()));
  if (monitor.finished) monitor.finished(stage.name, elapsed(), summary);
}

}  // namespace

void run_stages(const RunDirectory& run, std::span<const Stage> stages, std::string_view until,
                const Monitor& monitor, const StopToken& stop) {
  const std::size_t count = stage_count(stages, until);
  bool earlier_ran = false;
  for (std::size_t i = 0; i < count; ++i) {
    if (!earlier_ran && run.has(stages[i].output)) {
      if (monitor.skipped) monitor.skipped(stages[i].name);
      continue;
    }
    stop.throw_if_stopped(stages[i].name);
    if (!earlier_ran) forget_later(run, stages.subspan(i + 1));
    earlier_ran = true;
    if (monitor.started) monitor.started(stages[i].name, static_cast<int>(i), static_cast<int>(count));
    run_one(run, stages[i], monitor, stop);
  }
}

}  // namespace tinynas::app
