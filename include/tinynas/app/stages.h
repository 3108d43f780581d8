#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tinynas/app/run_directory.h"
#include "tinynas/core/progress.h"

namespace tinynas::app {

/// One step of a run. Complete when `output` is there, which the stage writes last; `files` are everything
/// else it leaves (checkpoints, logs), removed together with the output when an earlier stage has to run
/// again.
struct Stage {
  std::string name;
  std::string output;
  std::vector<std::string> files;
  /// Does the work, continuing from its own checkpoints; returns one line about the result.
  std::function<std::string(const ProgressFn&, const StopToken&)> run;
};

/// What a run tells its caller while it works. Members may be empty.
struct Monitor {
  std::function<void(std::string_view stage, int index, int count)> started = {};
  std::function<void(const Progress&)> progress = {};
  std::function<void(std::string_view stage, double seconds, std::string_view summary)> finished = {};
  std::function<void(std::string_view stage)> skipped = {};  ///< its output was there already
};

/// Runs the stages in order up to and including `until` (empty: all). A stage whose output is there is
/// skipped, unless an earlier one had to run. Adds each stage's seconds to `seconds.json`. Throws
/// InterruptedError between stages when a stop was requested; ConfigError if `until` names no stage.
void run_stages(const RunDirectory& run, std::span<const Stage> stages, std::string_view until,
                const Monitor& monitor, const StopToken& stop);

}  // namespace tinynas::app
