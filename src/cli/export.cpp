#include "cli/run_to_stage.h"

namespace tinynas::cli {

void add_export(CLI::App& app, const Shell& shell) {
  add_stage_command(app, shell,
                    {.name = "export",
                     .help = "Continue to the int8 ONNX file",
                     .until = "export",
                     .example = "tinynas export --sram 64K --run runs/small"});
}

}  // namespace tinynas::cli
