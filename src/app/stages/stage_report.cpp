#include <fmt/format.h>

#include <array>

#include "app/problem.h"
#include "app/run/curves.h"
#include "app/run/records.h"
#include "app/stages/pipeline_stages.h"
#include "tinynas/app/model.h"
#include "tinynas/core/version.h"
#include "tinynas/onnx/onnx.h"
#include "tinynas/report/model_card.h"
#include "tinynas/search/history.h"

namespace tinynas::app {
namespace {

std::vector<report::SearchPoint> history(Workspace& workspace, std::string_view file) {
  const space::SearchSpace space = chosen_space(workspace.run().path());
  std::vector<report::SearchPoint> points;
  for (const search::Evaluation& e : search::read_history(workspace.run() / file, space).evaluations)
    points.push_back({.accuracy = e.accuracy,
                      .macs = e.cost.macs,
                      .sram_bytes = e.cost.sram_bytes,
                      .flash_bytes = e.cost.flash_bytes,
                      .genome = space::to_string(space, e.genome)});
  return points;
}

/// Epochs of one stage ("supernet", "tuned") from the training log.
std::vector<report::EpochPoint> epochs(const RunDirectory& run, std::string_view stage) {
  std::vector<report::EpochPoint> points;
  for (const TrainedEpoch& one : read_lines<TrainedEpoch>(run.path()))
    if (one.stage == stage && one.epoch)
      points.push_back({.epoch = *one.epoch, .loss = one.loss, .accuracy = one.accuracy});
  return points;
}

std::vector<report::AccuracyStage> accuracy(const Result& result, const Experiment& experiment) {
  const Result::HeldOut& held_out = result.detail.held_out;
  const auto tests = static_cast<std::int64_t>(result.detail.test.images);
  const std::string held_out_note = "held-out training images", test_note = "test images",
                    winner_note = held_out_images_text(experiment);
  std::vector<report::AccuracyStage> stages = {
      {"supernet", held_out.supernet, held_out.images, held_out_note},
      {"tuned", held_out.in_float, held_out.images, winner_note},
      {"int8, held out", held_out.in_int8, held_out.images, winner_note},
      {"float", result.detail.test.in_float.value_or(0), tests, test_note},
      {"int8", result.detail.test.in_int8, tests, test_note}};
  if (result.accuracy.emulated)
    stages.push_back({"emulated", *result.accuracy.emulated,
                      static_cast<std::int64_t>(result.emulated_images), test_note});
  return stages;
}

report::StageTime stage_time(const std::string& name, double seconds) {
  return {.name = name, .seconds = seconds, .planned_seconds = {}, .summary = {}};
}

std::vector<report::ProducedFile> produced_files(const RunDirectory& run) {
  struct File {
    const char* name;
    const char* what;
  };
  constexpr std::array kFiles = {
      File{kModelFile, "the network, int8, ONNX with QuantizeLinear and DequantizeLinear"},
      File{kResultFile, "the figures of this page for scripts"},
      File{kHistoryFile, "every network the evolution evaluated"},
      File{kSupernetFile, "checkpoint of the supernet"}, File{kWeightsFile, "float weights of the winner"}};
  std::vector<report::ProducedFile> files;
  for (const File& file : kFiles)
    if (run.has(file.name))
      files.push_back(
          {file.name, static_cast<Bytes>(std::filesystem::file_size(run / file.name)), file.what});
  return files;
}

report::TargetResult target_result(const Result& result) {
  return {.device = result.device,
          .page = result.run.empty() ? std::string() : result.run + "/" + kReportFile,
          .accuracy = result.accuracy.int8,
          .budget = result.budget,
          .sram_bytes = result.cost.sram_bytes,
          .flash_bytes = result.cost.flash_bytes,
          .latency_ms = result.cost.latency_ms,
          .macs = result.cost.macs,
          .genome = result.genome};
}

/// Adds to the page what each device got, and the time each further one took.
void tell_of_targets(report::RunReport& page, const Result& result) {
  page.targets.push_back(target_result(result));
  if (!result.also) return;
  for (const Result& one : *result.also) {
    page.targets.push_back(target_result(one));
    double seconds = 0;
    for (const auto& [stage, spent] : one.seconds) seconds += spent;
    page.stages.push_back(stage_time(one.run, seconds));
  }
}

report::RunReport page_of(Workspace& workspace, const Result& result) {
  const RunDirectory& run = workspace.run();
  const Experiment& experiment = workspace.experiment();
  report::RunReport page;
  page.title = fmt::format("{} on {}", experiment.data.set, workspace.device().name);
  page.genome = result.genome;
  Target target = workspace.target();
  target.budget = experiment.budget;
  page.network = profile(onnx::import_onnx(run / kModelFile).graph, target, kModelFile);
  page.accuracy = accuracy(result, experiment);
  page.by_class = result.detail.test.by_class;
  page.ranking = read<Ranked>(run).spaces;
  page.training = epochs(run, "supernet");
  page.tuning = epochs(run, "tuned");
  page.evolution = history(workspace, kHistoryFile);
  page.random_search = history(workspace, kRandomHistoryFile);
  for (const auto& [stage, seconds] : seconds_before(workspace, "report"))
    page.stages.push_back(stage_time(stage, seconds));
  tell_of_targets(page, result);
  const bool trained_here = experiment.supernet.empty();  // otherwise the limit is that of another run
  if (experiment.time_ms && trained_here) page.time_limit_s = *experiment.time_ms / 1e3;
  page.files = produced_files(run);
  page.facts = {{"seed", std::to_string(experiment.search.seed)},
                {"tinynas", std::string(kVersion)},
                {"config", result.config_hash},
                {"model.onnx", result.model_hash}};
  if (!trained_here) page.facts.push_back({"supernet", "trained in " + experiment.supernet});
  page.config = to_yaml(experiment);
  return page;
}

/// "cpu, 2 threads".
std::string compute_text(const Experiment::Compute& compute) {
  return fmt::format("{}, {}", compute.device,
                     compute.threads == 0 ? "all cores" : fmt::format("{} threads", compute.threads));
}

report::CardFacts card_facts(const RunDirectory& run, const Result& result, const report::Profile& network) {
  const Experiment& experiment = run.experiment();
  const Trained trained = read<Trained>(run);
  return {.license = experiment.license,
          .data = experiment.data.set,
          .classes = network.graph.tensor(network.graph.output).elements(),
          .train_images = static_cast<std::int64_t>(trained.images),
          .held_out_images = experiment.data.held_out,
          .test_images = static_cast<std::int64_t>(result.detail.test.images),
          .tuned_on_held_out = experiment.data.tune_on_held_out,
          .space = experiment.space,
          .recipe = trained.recipe,
          .supernet = experiment.supernet,
          .train_epochs = trained.epochs,
          .tune_epochs = read<Tuned>(run).epochs,
          .compute = compute_text(experiment.compute),
          .emulated_images = static_cast<std::int64_t>(result.emulated_images),
          .emulated_equal = result.emulated_equal,
          .not_emulated = result.emulation_skipped.value_or("")};
}

}  // namespace

report::RunReport write_report(Workspace& workspace) {
  const Result result = make_result(workspace);
  write(workspace.run(), result);
  write_training_curves(workspace.run());
  write_search_curves(workspace.run());
  const report::RunReport page = page_of(workspace, result);
  workspace.run().write(kCardFile,
                        report::model_card(page, card_facts(workspace.run(), result, *page.network)));
  workspace.run().write(kReportFile, report::render_html(page));
  return page;
}

/// result.json for scripts, report.html for people, README.md for whom the network is given to.
Stage report_stage(Workspace& workspace) {
  const auto run = [&workspace](const ProgressFn&, const StopToken&) {
    write_report(workspace);
    return (workspace.run() / kReportFile).string();
  };
  return {.name = "report",
          .reads = {kRankFile, kPlanFile, kTrainLog, kHistoryFile, kRandomHistoryFile, kSearchFile, kTuneFile,
                    kRangesFile, kModelFile, kEvalFile, kCompileFile, kEmulateFile},
          .writes = {kResultFile, kCardFile, kReportFile},
          .run = run};
}

}  // namespace tinynas::app
