#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <optional>

#include "cli/command.h"

namespace tinynas::cli {

/// What main() does around its work: settles the process (process_settings.h), turns the first SIGINT or
/// SIGTERM into a stop (the second one kills), and prints an error as one line "NAME: ..." with its exit
/// code.
int run_program(const char* name, char** argv, const std::function<int(Shell&)>& body);

/// Parses the command line; the callback of its command runs. Returns the exit code if --help or --version
/// was all, else nothing. ConfigError names the flag or command that was perhaps meant.
std::optional<int> parse_command_line(CLI::App& app, int argc, char** argv);

}  // namespace tinynas::cli
