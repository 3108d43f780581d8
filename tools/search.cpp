#include "run_to_stage.h"

namespace tinynas::tool {

void add_search(CLI::App& app, const Shell& shell) {
  add_stage_command(
      app, shell,
      {.name = "search",
       .help = "Do the whole job: rank, train, search, tune, quantize, export, compile, emulate, report",
       .until = "",
       .example = "tinynas search --sram 320K --flash 1M --time 15m"});
}

}  // namespace tinynas::tool
