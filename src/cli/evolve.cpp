#include "cli/run_to_stage.h"

namespace tinynas::cli {

void add_evolve(CLI::App& app, const Shell& shell) {
  add_stage_command(app, shell,
                    {.name = "evolve",
                     .help = "Continue to the evolution: the best network that fits",
                     .until = "search",
                     .example = "tinynas evolve --sram 64K --population 60 --run runs/small"});
}

}  // namespace tinynas::cli
