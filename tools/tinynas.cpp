// tinynas: budget and data in, a network that fits a microcontroller out. Commands stand in the files beside
// this one.
#include <CLI/CLI.hpp>
#include <array>
#include <csignal>
#include <cstdio>
#include <new>

#include "command.h"
#include "tinynas/core/error.h"

namespace tinynas::tool {
namespace {

constexpr std::array<AddCommand, 0> kCommands = {};

Shell shell;

/// The first signal asks for a stop at the next safe point, the second one kills.
extern "C" void on_signal(int signal) {
  shell.stop.request_stop();
  std::signal(signal, SIG_DFL);
}

int run(int argc, char** argv) {
  CLI::App app{"Find the best neural network that fits a microcontroller, and turn it into C."};
  app.name("tinynas");
  app.set_version_flag("--version", "tinynas " TINYNAS_VERSION);
  app.require_subcommand(1);
  for (const AddCommand add : kCommands) add(app, shell);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& answer) {
    return app.exit(answer);
  } catch (const CLI::ParseError& error) {
    throw ConfigError(std::string("command line: ") + error.what() + "; see tinynas --help");
  }
  return static_cast<int>(ExitCode::kOk);
}

int guarded(int argc, char** argv) {
  const auto fail = [](ExitCode code, const char* message) {
    std::fprintf(stderr, "tinynas: %s\n", message);
    return static_cast<int>(code);
  };
  try {
    return run(argc, argv);
  } catch (const Error& error) {
    return fail(error.code(), error.what());
  } catch (const std::bad_alloc&) {
    return fail(ExitCode::kInternal,
                "out of memory; use a smaller --set train.batch or close other programs");
  } catch (const std::exception& error) {
    return fail(ExitCode::kInternal, error.what());
  }
}

}  // namespace
}  // namespace tinynas::tool

int main(int argc, char** argv) {
  std::signal(SIGINT, tinynas::tool::on_signal);
  std::signal(SIGTERM, tinynas::tool::on_signal);
  return tinynas::tool::guarded(argc, argv);
}
