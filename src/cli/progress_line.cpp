#include "cli/progress_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "tinynas/core/units.h"

namespace tinynas::cli {
namespace {

constexpr double kTerminalEvery_s = 0.1, kPlainEvery_s = 10;
constexpr int kBarWidth = 24;

std::string bar(double share) {
  const int full = static_cast<int>(share * kBarWidth);
  std::string text;
  for (int i = 0; i < kBarWidth; ++i) text += i < full ? "█" : "░";
  return text;
}

}  // namespace

ProgressLine::ProgressLine(bool quiet)
    : quiet_(quiet), terminal_(::isatty(STDERR_FILENO) != 0), begin_(Clock::now()), last_(begin_) {}

void ProgressLine::begin(std::string_view title) {
  title_ = title;
  begin_ = Clock::now();
  last_ = begin_;
  begin_done_ = -1;
  if (!quiet_ && !terminal_) fmt::print(stderr, "{}\n", title_);
}

void ProgressLine::report(const Progress& progress) {
  if (quiet_) return;
  if (begin_done_ < 0) begin_done_ = progress.done;
  const auto now = Clock::now();
  const double since_last = std::chrono::duration<double>(now - last_).count();
  if (since_last < (terminal_ ? kTerminalEvery_s : kPlainEvery_s)) return;
  last_ = now;
  draw(progress, std::chrono::duration<double>(now - begin_).count());
}

void ProgressLine::draw(const Progress& progress, double seconds) {
  const double share = progress.total > 0 ? std::clamp(progress.done / progress.total, 0.0, 1.0) : 0;
  const double gained = progress.done - begin_done_;
  std::string left;
  if (gained > 0)
    left = format_millis(1000 * seconds / gained * std::max(0.0, progress.total - progress.done)) + " left";
  const std::string note = progress.note.empty() ? "" : "  " + progress.note;
  if (terminal_)
    fmt::print(stderr, "\r\033[K{} {} {:3.0f} %  {}{}", title_, bar(share), 100 * share, left, note);
  else
    fmt::print(stderr, "  {:3.0f} %  {}{}\n", 100 * share, left, note);
  std::fflush(stderr);
}

void ProgressLine::end(std::string_view text) {
  if (quiet_) return;
  if (terminal_) fmt::print(stderr, "\r\033[K");
  if (!text.empty()) fmt::print(stderr, "{}\n", text);
  std::fflush(stderr);
}

ProgressFn ProgressLine::callback() {
  return [this](const Progress& progress) { report(progress); };
}

}  // namespace tinynas::cli
