#include "cli/run_to_stage.h"

namespace tinynas::cli {

void add_tune(CLI::App& app, const Shell& shell) {
  add_stage_command(app, shell,
                    {.name = "tune",
                     .help = "Continue to the fine-tuning of the winner",
                     .until = "tune",
                     .example = "tinynas tune --sram 64K --tune-epochs 10 --run runs/small"});
}

}  // namespace tinynas::cli
