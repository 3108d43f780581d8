#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "tinynas/core/progress.h"

namespace tinynas::cli {

/// Progress on stderr: a bar with the time left on a terminal, a plain line now and then otherwise.
class ProgressLine {
 public:
  explicit ProgressLine(bool quiet);
  /// Names the work that the next reports belong to.
  void begin(std::string_view title);
  void report(const Progress& progress);
  /// Ends the bar; `text` (may be empty) stays as a line.
  void end(std::string_view text);
  ProgressFn callback();

 private:
  using Clock = std::chrono::steady_clock;
  void draw(const Progress& progress, double seconds);

  bool quiet_, terminal_;
  std::string title_;
  Clock::time_point begin_, last_;
  double begin_done_ = -1;  ///< what was done when the stage (perhaps resumed) first reported
};

}  // namespace tinynas::cli
