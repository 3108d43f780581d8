#include "cli/run_to_stage.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/progress_line.h"
#include "tinynas/app/stages.h"
#include "tinynas/app/training.h"
#include "tinynas/core/units.h"

namespace tinynas::cli {
namespace {

std::string accuracies(const nlohmann::json& result) {
  std::string text;
  for (const char* stage : {"supernet", "tuned", "int8", "emulated"})
    if (const auto& value = result.at("accuracy").at(stage); value.is_number())
      text += fmt::format("{}{} {:.2f} %", text.empty() ? "" : ", ", stage, value.get<double>());
  return text;
}

std::string against(const nlohmann::json& result, const char* key, const char* limit) {
  const auto& budget = result.at("budget");
  const std::string text = fmt::format("{}", result.at(key).get<std::int64_t>());
  return budget.contains(limit) && budget.at(limit).is_number()
             ? fmt::format("{} of {}", text, budget.at(limit).get<std::int64_t>())
             : text;
}

void print_network(const nlohmann::json& result, const std::string& folder) {
  fmt::print("network   {}\n", result.at("genome").get<std::string>());
  fmt::print("accuracy  {}\n", accuracies(result));
  fmt::print("SRAM      {} bytes (arena {})\n", against(result, "sram_bytes", "sram_bytes"),
             result.at("arena_bytes").get<std::int64_t>());
  fmt::print("Flash     {} bytes\n", against(result, "flash_bytes", "flash_bytes"));
  fmt::print("latency   {:.1f} ms on {}, {} multiply-accumulates\n", result.at("latency_ms").get<double>(),
             result.at("device").get<std::string>(), format_macs(result.at("macs").get<std::int64_t>()));
  fmt::print("files     {0}/model.onnx  {0}/firmware/  {0}/report.html\n", folder);
}

/// Width of the column of stages' names, "train" or "rp2040 train".
std::size_t name_column(const app::Experiment& experiment) {
  constexpr std::size_t kStage = 9;
  std::size_t prefix = 0;
  for (const app::Experiment::Further& further : experiment.also)
    prefix = std::max(prefix, std::filesystem::path(further.device).stem().string().size() + 1);
  return prefix + kStage;
}

}  // namespace

void run_to_stage(const app::RunDirectory& run, const app::TrainingStages& training, std::string_view until,
                  const Shell& shell) {
  ProgressLine line(shell.quiet);
  const std::size_t column = name_column(run.experiment());
  const app::Monitor monitor{
      .started = [&](std::string_view stage, int index,
                     int count) { line.begin(fmt::format("[{}/{}] {}", index + 1, count, stage)); },
      .progress = line.callback(),
      .finished =
          [&](std::string_view stage, double seconds, std::string_view summary) {
            line.end(fmt::format("{:<{}} {:>7}  {}", stage, column, format_millis(1000 * seconds), summary));
          },
      .skipped =
          [&](std::string_view stage) {
            line.end(fmt::format("{:<{}} {:>7}  done before", stage, column, "-"));
          }};
  app::run_pipeline(run, training, until, monitor, shell.stop);
}

void print_result(const app::RunDirectory& run, bool json) {
  if (!run.has("result.json")) return fmt::print("{}\n", run.path().string());
  const std::string text = run.read("result.json");
  if (json) return fmt::print("{}", text);
  const nlohmann::json result = nlohmann::json::parse(text);
  print_network(result, run.path().string());
  for (const nlohmann::json& further : result.value("also", nlohmann::json::array())) {
    fmt::print("\n");
    print_network(further, (run.path() / further.at("run").get<std::string>()).string());
  }
}

void add_stage_command(CLI::App& app, const Shell& shell, const StageCommand& command) {
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

}  // namespace tinynas::cli
