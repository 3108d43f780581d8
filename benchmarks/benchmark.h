#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <functional>

#include "tinynas/core/error.h"

namespace tinynas::bench {

/// The main() of a benchmark: reads the arguments that `app` declares, then works. Returns the exit code: 0,
/// also after --help; 2 for arguments that are unknown or wrong; that of an Error.
inline int run(CLI::App& app, int argc, char** argv, const std::function<void()>& work) {
  try {
    app.parse(argc, argv);
    work();
    return 0;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::kUsage);
  } catch (const Error& error) {
    fmt::print(stderr, "{}: {}\n", app.get_name(), error.what());
    return static_cast<int>(error.code());
  }
}

}  // namespace tinynas::bench
