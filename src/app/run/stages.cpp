#include "tinynas/app/stages.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "app/run/records.h"
#include "tinynas/core/error.h"
#include "tinynas/core/log.h"

namespace tinynas::app {
namespace {

Seconds seconds_of(const RunDirectory& run) { return run.has(kSecondsFile) ? read<Seconds>(run) : Seconds(); }

/// Seconds add up over the attempts of a stage that was stopped and resumed (a killed attempt is lost).
void add_seconds(const RunDirectory& run, const std::string& stage, double seconds) {
  Seconds all = seconds_of(run);
  all[stage] += seconds;
  write(run, all);
}

/// What a stage left, its output first: half a removal must not look complete.
void forget(const RunDirectory& run, const Stage& stage) {
  std::vector<std::string> files = stage.writes;
  std::reverse(files.begin(), files.end());
  run.remove(files);
  if (Seconds all = seconds_of(run); all.erase(stage.name) > 0) write(run, all);
}

bool reads_from(const Stage& later, const Stage& earlier) {
  return std::ranges::any_of(later.reads, [&](const std::string& file) {
    return std::ranges::find(earlier.writes, file) != earlier.writes.end();
  });
}

/// What would no longer belong to what the first of the stages is about to make.
void forget_what_follows(const RunDirectory& run, std::span<const Stage> stages) {
  std::vector<const Stage*> following = {&stages.front()};
  for (const Stage& stage : stages.subspan(1))
    if (std::ranges::any_of(following, [&](const Stage* earlier) { return reads_from(stage, *earlier); }))
      following.push_back(&stage);
  for (std::size_t i = following.size(); i > 1; --i)  // from the end: a kill in between leaves no gap
    forget(run, *following[i - 1]);
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
  }
  TINYNAS_CHECK(run.has(stage.output()), "the stage did not write its output " + stage.output());
  add_seconds(run, stage.name, elapsed());
  log_debug(fmt::format("stage_end stage={} seconds={:.1f}", stage.name, elapsed()));
  if (monitor.finished) monitor.finished(stage.name, elapsed(), summary);
}

}  // namespace

void run_stages(const RunDirectory& run, std::span<const Stage> stages, std::string_view until,
                const Monitor& monitor, const StopToken& stop) {
  const std::size_t count = stage_count(stages, until);
  for (std::size_t i = 0; i < count; ++i) {
    if (run.has(stages[i].output())) {
      if (monitor.skipped) monitor.skipped(stages[i].name);
      continue;
    }
    stop.throw_if_stopped(stages[i].name);
    forget_what_follows(run, stages.subspan(i));
    if (monitor.started) monitor.started(stages[i].name, static_cast<int>(i), static_cast<int>(count));
    run_one(run, stages[i], monitor, stop);
  }
}

}  // namespace tinynas::app
