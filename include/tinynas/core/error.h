#pragma once

#include <source_location>
#include <stdexcept>
#include <string>
#include <string_view>

namespace tinynas {

/// Exit codes of the command line tool; every Error carries its own, so that main() is one catch.
enum class ExitCode : int {
  kOk = 0,
  kUsage = 2,
  kIo = 3,
  kUnsupported = 4,
  kInfeasible = 5,
  kInterrupted = 6,
  kInternal = 70
};

/// Base of every exception tinynas throws. The message is one line: where, found, expected, what to do.
class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

/// A wrong key, value or flag.
struct ConfigError : Error {
  explicit ConfigError(const std::string& message) : Error(ExitCode::kUsage, message) {}
};
/// A file or folder that cannot be read, written or is damaged.
struct IoError : Error {
  explicit IoError(const std::string& message) : Error(ExitCode::kIo, message) {}
};
/// Something well-formed that this build or this version cannot do.
struct UnsupportedError : Error {
  explicit UnsupportedError(const std::string& message) : Error(ExitCode::kUnsupported, message) {}
};
/// A graph whose shapes or connections are inconsistent.
struct GraphError : Error {
  explicit GraphError(const std::string& message) : Error(ExitCode::kUnsupported, message) {}
};
/// No network of the space meets the budget. Modules return this as a value; only app and tools throw it.
struct InfeasibleError : Error {
  explicit InfeasibleError(const std::string& message) : Error(ExitCode::kInfeasible, message) {}
};
/// A StopToken was triggered; the run directory is resumable.
struct InterruptedError : Error {
  explicit InterruptedError(const std::string& message) : Error(ExitCode::kInterrupted, message) {}
};
/// A mistake of tinynas itself; thrown by TINYNAS_CHECK.
struct InternalError : Error {
  explicit InternalError(const std::string& message) : Error(ExitCode::kInternal, message) {}
};

[[noreturn]] void check_failed(const char* condition, std::string_view message,
                               std::source_location where = std::source_location::current());

/// "did you mean": the candidate nearest to `word` by edit distance; empty when there are no candidates.
template <typename Range>
std::string nearest_word(std::string_view word, const Range& candidates);

/// Edit distance (Levenshtein) between two words.
int edit_distance(std::string_view a, std::string_view b);

template <typename Range>
std::string nearest_word(std::string_view word, const Range& candidates) {
  std::string best;
  int best_distance = -1;
  for (const auto& candidate : candidates) {
    const int distance = edit_distance(word, candidate);
    if (best_distance < 0 || distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace tinynas

/// Throws InternalError with file and line unless the condition holds. For our own mistakes, never for bad
/// input.
#define TINYNAS_CHECK(condition, message)                             \
  do {                                                                \
    if (!(condition)) ::tinynas::check_failed(#condition, (message)); \
  } while (false)
