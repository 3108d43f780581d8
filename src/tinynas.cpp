// tinynas: budget and data in, a network that fits a microcontroller out. Commands stand in cli/.
#include <CLI/CLI.hpp>
#include <array>
#include <string>

#include "cli/command.h"
#include "cli/program.h"
#include "tinynas/core/version.h"

namespace tinynas::cli {
namespace {

constexpr std::array kCommands = {
    add_search,  add_resume, add_rank,    add_parts_of_search, add_compile, add_convert, add_run,
    add_profile, add_eval,   add_emulate, add_calibrate,       add_devices, add_report};

int run(int argc, char** argv, Shell& shell) {
  CLI::App app{"Find the best neural network that fits a microcontroller, and turn it into C."};
  app.name("tinynas");
  app.set_version_flag("--version", "tinynas " + std::string(kVersion));
  app.add_flag("-q,--quiet", shell.quiet, "no progress on stderr");
  app.fallthrough();
  app.require_subcommand(1);
  app.footer(
      "A bare `tinynas search` runs configs/fashion_mnist.yaml. Each command has --help with an example.");
  for (const AddCommand add : kCommands) add(app, shell);
  return parse_command_line(app, argc, argv).value_or(0);
}

}  // namespace
}  // namespace tinynas::cli

int main(int argc, char** argv) {
  return tinynas::cli::run_program(
      "tinynas", argv, [&](tinynas::cli::Shell& shell) { return tinynas::cli::run(argc, argv, shell); });
}
