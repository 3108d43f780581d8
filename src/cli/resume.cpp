#include "cli/run_to_stage.h"
#include "tinynas/app/training.h"

namespace tinynas::cli {

void add_resume(CLI::App& app, const Shell& shell) {
  struct Options {
    std::string run;
    bool json = false;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* sub = app.add_subcommand(
      "resume", "Continue a run that was stopped or killed, with the config it was started with");
  sub->add_option("run", options->run, "folder of the run")->required()->type_name("RUN");
  sub->add_flag("--json", options->json, "the result as JSON on stdout");
  sub->footer("Example:\n  tinynas resume runs/fashion-mnist-stm32f746-320K-1M");
  sub->callback([options, &shell] {
    app::TrainingStages training = app::built_in_training();
    if (app::serves_first_process(training, shell.stop)) return;
    const app::RunDirectory run = app::RunDirectory::open(options->run);
    run_to_stage(run, training, "", shell);
    print_result(run, options->json);
  });
}

}  // namespace tinynas::cli
