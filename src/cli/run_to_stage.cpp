#include "cli/run_to_stage.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "cli/progress_line.h"
#include "tinynas/app/result.h"
#include "tinynas/app/stages.h"
#include "tinynas/app/training.h"
#include "tinynas/core/units.h"

namespace tinynas::cli {
namespace {

std::string accuracies(const app::Result::Accuracy& accuracy) {
  std::string text = fmt::format("supernet {:.2f} %, tuned {:.2f} %, int8 {:.2f} %", accuracy.supernet,
                                 accuracy.tuned, accuracy.int8);
  if (accuracy.emulated) text += fmt::format(", emulated {:.2f} %", *accuracy.emulated);
  return text;
}

std::string against(Bytes bytes, const std::optional<Bytes>& limit) {
  return limit ? fmt::format("{} of {}", bytes, *limit) : fmt::format("{}", bytes);
}

void print_network(const app::Result& result, const std::string& folder) {
  const cost::Footprint& cost = result.cost;
  fmt::print("network   {}\n", result.genome);
  fmt::print("accuracy  {}\n", accuracies(result.accuracy));
  fmt::print("SRAM      {} bytes (arena {})\n", against(cost.sram_bytes, result.budget.sram_bytes),
             cost.arena_bytes);
  fmt::print("Flash     {} bytes\n", against(cost.flash_bytes, result.budget.flash_bytes));
  fmt::print("latency   {:.1f} ms on {}, {} multiply-accumulates\n", cost.latency_ms, result.device,
             format_macs(cost.macs));
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
  const std::optional<app::Result> result = app::find_result(run);
  if (!result && json) return fmt::print("{}", app::progress_json(run));
  if (!result) return fmt::print("{}\n", run.path().string());
  if (json) return fmt::print("{}", app::to_json(*result));
  print_network(*result, run.path().string());
  if (!result->also) return;
  for (const app::Result& further : *result->also) {
    fmt::print("\n");
    print_network(further, (run.path() / further.run).string());
  }
}

}  // namespace tinynas::cli
