#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tinynas/app/run_directory.h"
#include "tinynas/core/progress.h"

namespace tinynas::app {

/// One step of a run, with the files and folders it reads of earlier steps and those it leaves.
struct Stage {
  std::string name;
  std::vector<std::string> reads;
  /// Checkpoints and logs among them. The last one is written last: the stage is complete when it is there.
  std::vector<std::string> writes;
  /// Does the work, continuing from its own checkpoints; returns one line about the result.
  std::function<std::string(const ProgressFn&, const StopToken&)> run;
  const std::string& output() const { return writes.back(); }
};

/// What a run tells its caller while it works. Members may be empty.
struct Monitor {
  std::function<void(std::string_view stage, int index, int count)> started = {};
  std::function<void(const Progress&)> progress = {};
  std::function<void(std::string_view stage, double seconds, std::string_view summary)> finished = {};
  std::function<void(std::string_view stage)> skipped = {};  ///< its output was there already
};

/// Runs the stages in order up to and including `until` (empty: all). A stage whose output is there is
/// skipped. One that has to run takes away what all stages left that read its files, or read theirs: they run
/// again. Adds each stage's seconds to `seconds.json`. Throws InterruptedError
/// between stages when a stop was requested; ConfigError if `until` names no stage.
void run_stages(const RunDirectory& run, std::span<const Stage> stages, std::string_view until,
                const Monitor& monitor, const StopToken& stop);

}  // namespace tinynas::app
