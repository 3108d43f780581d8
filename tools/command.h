#pragma once

#include <CLI/CLI.hpp>

#include "tinynas/core/progress.h"

namespace tinynas::tool {

/// What main() gives every command.
struct Shell {
  StopToken stop;      ///< triggered by SIGINT and SIGTERM
  bool quiet = false;  ///< no progress lines
};

/// Adds one command with its flags, help and callback to `app`.
using AddCommand = void (*)(CLI::App& app, const Shell& shell);

}  // namespace tinynas::tool
