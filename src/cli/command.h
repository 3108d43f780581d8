#pragma once

#include <CLI/CLI.hpp>

#include "tinynas/core/progress.h"

namespace tinynas::cli {

/// What main() gives every command.
struct Shell {
  StopToken stop;      ///< triggered by SIGINT and SIGTERM
  bool quiet = false;  ///< no progress on stderr
};

/// Adds a command with its flags, help and callback to `app`; `shell` outlives the parse.
using AddCommand = void (*)(CLI::App& app, const Shell& shell);

void add_search(CLI::App& app, const Shell& shell);
void add_resume(CLI::App& app, const Shell& shell);
void add_rank(CLI::App& app, const Shell& shell);
/// train, evolve, tune, export.
void add_parts_of_search(CLI::App& app, const Shell& shell);
void add_compile(CLI::App& app, const Shell& shell);
void add_convert(CLI::App& app, const Shell& shell);
void add_run(CLI::App& app, const Shell& shell);
void add_profile(CLI::App& app, const Shell& shell);
void add_eval(CLI::App& app, const Shell& shell);
void add_emulate(CLI::App& app, const Shell& shell);
void add_calibrate(CLI::App& app, const Shell& shell);
void add_devices(CLI::App& app, const Shell& shell);
void add_report(CLI::App& app, const Shell& shell);

}  // namespace tinynas::cli
