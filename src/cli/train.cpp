#include "cli/run_to_stage.h"

namespace tinynas::cli {

void add_train(CLI::App& app, const Shell& shell) {
  add_stage_command(app, shell,
                    {.name = "train",
                     .help = "Rank the space and train the supernet of the best part",
                     .until = "train",
                     .example = "tinynas train --sram 64K --epochs 20 --run runs/small"});
}

}  // namespace tinynas::cli
