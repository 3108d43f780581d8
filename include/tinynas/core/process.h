#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tinynas/core/progress.h"

namespace tinynas {

/// How a child process ended.
struct ProcessResult {
  int exit_status = 0;  ///< as a shell says it: 128 + n if signal n ended it
  std::string output;   ///< stdout and stderr as they came
};

/// Is given the output as it arrives.
using OutputFn = std::function<void(std::string_view)>;

struct ProcessOptions {
  std::filesystem::path folder = ".";  ///< its working directory
  OutputFn on_output = {};
  StopToken stop = {};   ///< kills the child; run_process then throws InterruptedError
  double timeout_s = 0;  ///< 0: none; otherwise it is killed and counts as status 128 + SIGKILL
};

/// Full path of a program on PATH; empty if there is none.
std::filesystem::path find_program(const std::string& name);

/// Runs `arguments` (program first, looked up on PATH; no shell) to its end, its stdin empty.
/// IoError if it cannot be started.
ProcessResult run_process(const std::vector<std::string>& arguments, const ProcessOptions& options);

}  // namespace tinynas
