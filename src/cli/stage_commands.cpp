#include <array>

#include "cli/experiment_flags.h"
#include "cli/run_to_stage.h"
#include "tinynas/app/training.h"

/// The commands that start or continue a run and work up to one stage.
namespace tinynas::cli {
namespace {

struct StageCommand {
  const char* name;
  const char* help;
  const char* until;  ///< empty: to the end
  const char* example;
};

/// `command` outlives the parse.
void add_stage(CLI::App& app, const Shell& shell, const StageCommand& command) {
  CLI::App* sub = app.add_subcommand(command.name, command.help);
  const auto flags = add_experiment_flags(*sub);
  add_run_flag(*sub, *flags);
  const auto json = std::make_shared<bool>(false);
  sub->add_flag("--json", *json, "the result as JSON on stdout");
  sub->footer(std::string("Example:\n  ") + command.example);
  sub->callback([flags, json, until = command.until, &shell] {
    const app::Experiment experiment = resolve(*flags);
    app::TrainingStages training = app::built_in_training();
    if (app::serves_first_process(training, shell.stop)) return;
    const app::RunDirectory run = app::start_run(run_folder(*flags, experiment), experiment);
    run_to_stage(run, training, until, shell);
    print_result(run, *json);
  });
}

constexpr StageCommand kWhole = {
    .name = "search",
    .help = "Do the whole job: rank, train, search, tune, quantize, export, compile, emulate, report",
    .until = "",
    .example =
        "tinynas search --sram 320K --flash 1M --time 15m\n"
        "  tinynas search --sram 320K --flash 1M --also rp2040,sram=64K,flash=256K --run runs/two\n"
        "  tinynas search --supernet runs/two --device stm32f412 --sram 96K --flash 256K"};
constexpr std::array kParts = {
    StageCommand{"train", "Rank the space and train the supernet of the best part", "train",
                 "tinynas train --sram 64K --epochs 20 --run runs/small"},
    StageCommand{"evolve", "Continue to the evolution: the best network that fits", "search",
                 "tinynas evolve --sram 64K --population 60 --run runs/small"},
    StageCommand{"tune", "Continue to the fine-tuning of the winner", "tune",
                 "tinynas tune --sram 64K --tune-epochs 10 --run runs/small"},
    StageCommand{"export", "Continue to the int8 ONNX file", "export",
                 "tinynas export --sram 64K --run runs/small"},
};

}  // namespace

void add_search(CLI::App& app, const Shell& shell) { add_stage(app, shell, kWhole); }

void add_parts_of_search(CLI::App& app, const Shell& shell) {
  for (const StageCommand& part : kParts) add_stage(app, shell, part);
}

}  // namespace tinynas::cli
