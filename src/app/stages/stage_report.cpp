#include <fmt/format.h>

#include <array>

#include "app/result.h"
#include "app/run/files.h"
#include "app/run/json.h"
#include "app/stages/pipeline_stages.h"
#include "tinynas/app/model.h"
#include "tinynas/core/files.h"
#include "tinynas/core/hash.h"
#include "tinynas/core/version.h"
#include "tinynas/onnx/onnx.h"
#include "tinynas/report/report.h"
#include "tinynas/search/history.h"

namespace tinynas::app {
namespace {

std::vector<report::RankedSpace> ranking(const RunDirectory& run) {
  std::vector<report::RankedSpace> spaces;
  const Json rank = read_json(run, kRankFile);
  for (const Json& space : rank.at("spaces"))
    spaces.push_back({.resolution = space.at("resolution"),
                      .smallest_resolution = space.value("smallest_resolution", 0),
                      .width = space.at("width"),
                      .samples = space.at("samples"),
                      .fit_share = space.at("fit_share"),
                      .mean_macs = space.at("mean_macs"),
                      .fit_macs = space.at("fit_macs").get<std::vector<Macs>>(),
                      .set_aside = space.at("set_aside"),
                      .chosen = space.at("chosen")});
  return spaces;
}

std::vector<report::SearchPoint> history(Workspace& workspace, std::string_view file) {
  const space::SearchSpace space = workspace.chosen_space();
  std::vector<report::SearchPoint> points;
  for (const search::Evaluation& e : search::read_history(workspace.run() / file, space).evaluations)
    points.push_back({.accuracy = e.accuracy,
                      .macs = e.cost.macs,
                      .sram_bytes = e.cost.sram_bytes,
                      .flash_bytes = e.cost.flash_bytes,
                      .genome = space::to_string(space, e.genome)});
  return points;
}

/// Epochs of one stage ("supernet", "tuned") from the training log; the last line may be cut off by a kill.
std::vector<report::EpochPoint> epochs(const RunDirectory& run, std::string_view stage) {
  std::vector<report::EpochPoint> points;
  for (const std::string& line : read_complete_lines(run / kTrainLog)) {
    const Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object() || json.value("stage", "") != stage || !json.contains("epoch")) continue;
    const auto number = [&](const char* key) {
      return json.contains(key) ? std::optional(json.at(key).get<double>()) : std::nullopt;
    };
    points.push_back({.epoch = json.at("epoch"), .loss = number("loss"), .accuracy = number("accuracy")});
  }
  return points;
}

std::vector<report::AccuracyStage> accuracy(const RunDirectory& run) {
  const Json eval = read_json(run, kEvalFile), emulation = read_json(run, kEmulateFile);
  const std::int64_t held_out = run.experiment().data.held_out, tests = eval.at("images");
  const std::string held_out_note = "held-out training images", test_note = "test images",
                    winner_note = held_out_images_text(run.experiment());
  std::vector<report::AccuracyStage> stages = {
      {"supernet", read_json(run, kSearchFile).at("accuracy"), held_out, held_out_note},
      {"tuned", read_json(run, kTuneFile).at("accuracy"), held_out, winner_note},
      {"int8, held out", read_json(run, kRangesFile).at("accuracy"), held_out, winner_note},
      {"float", eval.at("float"), tests, test_note},
      {"int8", eval.at("int8"), tests, test_note}};
  if (emulation.contains("accuracy"))
    stages.push_back({"emulated", emulation.at("accuracy"), emulation.at("images"), test_note});
  return stages;
}

std::vector<report::StageTime> stage_times(const RunDirectory& run) {
  const Json seconds = read_json(run, kSecondsFile);
  std::vector<report::StageTime> times;
  for (const char* stage :
       {"rank", "train", "search", "tune", "quantize", "export", "eval", "compile", "emulate"})
    if (seconds.contains(stage))
      times.push_back({.name = stage, .seconds = seconds.at(stage), .planned_seconds = {}, .summary = {}});
  return times;
}

std::vector<report::ProducedFile> produced_files(const RunDirectory& run) {
  struct File {
    std::string_view name;
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
      files.push_back({std::string(file.name),
                       static_cast<Bytes>(std::filesystem::file_size(run / file.name)), file.what});
  return files;
}

report::TargetResult target_result(const Json& result) {
  const Json& budget = result.at("budget");
  const auto limit = [&]<typename T>(const char* key, std::optional<T>& to) {
    if (!budget.at(key).is_null()) to = budget.at(key).get<T>();
  };
  report::TargetResult target{.device = result.at("device"),
                              .page = {},
                              .accuracy = result.at("accuracy").at("int8"),
                              .budget = {},
                              .sram_bytes = result.at("sram_bytes"),
                              .flash_bytes = result.at("flash_bytes"),
                              .latency_ms = result.at("latency_ms"),
                              .macs = result.at("macs"),
                              .genome = result.at("genome")};
  limit("sram_bytes", target.budget.sram_bytes);
  limit("flash_bytes", target.budget.flash_bytes);
  limit("latency_ms", target.budget.latency_ms);
  limit("macs", target.budget.macs);
  return target;
}

/// Of a run for several devices: what each got, and the time each took.
void tell_of_targets(report::RunReport& page, const Json& result) {
  if (!result.contains("also")) return;
  page.targets.push_back(target_result(result));
  for (const Json& one : result.at("also")) {
    const std::string run = one.at("run");
    page.targets.push_back(target_result(one));
    page.targets.back().page = run + "/" + std::string(kReportFile);
    double seconds = 0;
    for (const Json& stage : one.at("seconds")) seconds += stage.get<double>();
    page.stages.push_back({.name = run, .seconds = seconds, .planned_seconds = {}, .summary = {}});
  }
}

report::RunReport collect(Workspace& workspace) {
  const RunDirectory& run = workspace.run();
  const Experiment& experiment = workspace.experiment();
  report::RunReport page;
  page.title = fmt::format("{} on {}", experiment.data.set, workspace.device().name);
  page.genome = read_json(run, kSearchFile).at("genome");
  Target target = workspace.target();
  target.budget = experiment.budget;
  page.network = profile(onnx::import_onnx(run / kModelFile).graph, target, std::string(kModelFile));
  page.accuracy = accuracy(run);
  page.ranking = ranking(run);
  page.training = epochs(run, "supernet");
  page.tuning = epochs(run, "tuned");
  page.evolution = history(workspace, kHistoryFile);
  page.random_search = history(workspace, kRandomHistoryFile);
  page.stages = stage_times(run);
  tell_of_targets(page, read_json(run, kResultFile));
  const bool trained_here = experiment.supernet.empty();  // otherwise the limit is that of another run
  if (experiment.time_ms && trained_here) page.time_limit_s = *experiment.time_ms / 1e3;
  page.files = produced_files(run);
  page.facts = {{"seed", std::to_string(experiment.search.seed)},
                {"tinynas", std::string(kVersion)},
                {"config", hex(fnv1a(to_yaml(experiment)))},
                {"model.onnx", hex(fnv1a(run.read(kModelFile)))}};
  if (!trained_here) page.facts.push_back({"supernet", "trained in " + experiment.supernet});
  page.config = to_yaml(experiment);
  return page;
}

}  // namespace

void write_report(Workspace& workspace, const std::filesystem::path& pictures) {
  const report::RunReport page = collect(workspace);
  workspace.run().write(kReportFile, report::render_html(page));
  if (!pictures.empty())
    for (const report::Picture& picture : report::pictures(page))
      write_file(pictures / picture.name, picture.svg);
}

/// result.json for scripts, report.html for people.
Stage report_stage(Workspace& workspace) {
  const auto run = [&workspace](const ProgressFn&, const StopToken&) {
    write_result(workspace);
    write_report(workspace);
    return (workspace.run() / kReportFile).string();
  };
  return {
      .name = "report", .output = std::string(kReportFile), .files = {std::string(kResultFile)}, .run = run};
}

}  // namespace tinynas::app
