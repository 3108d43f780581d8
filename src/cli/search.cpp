#include "cli/run_to_stage.h"

namespace tinynas::cli {

void add_search(CLI::App& app, const Shell& shell) {
  add_stage_command(
      app, shell,
      {.name = "search",
       .help = "Do the whole job: rank, train, search, tune, quantize, export, compile, emulate, report",
       .until = "",
       .example = "tinynas search --sram 320K --flash 1M --time 15m\n"
                  "  tinynas search --sram 320K --flash 1M --also rp2040,sram=64K,flash=256K --run runs/two\n"
                  "  tinynas search --supernet runs/two --device stm32f412 --sram 96K --flash 256K"});
}

}  // namespace tinynas::cli
