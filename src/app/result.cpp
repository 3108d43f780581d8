#include "app/result.h"

#include <fmt/format.h>

#include "app/experiment/targets.h"
#include "app/run/files.h"
#include "app/run/json.h"
#include "tinynas/core/hash.h"
#include "tinynas/core/version.h"

namespace tinynas::app {
namespace {

template <typename T>
Json limit(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json budget_json(const cost::Budget& budget) {
  return {{"sram_bytes", limit(budget.sram_bytes)},
          {"flash_bytes", limit(budget.flash_bytes)},
          {"macs", limit(budget.macs)},
          {"latency_ms", limit(budget.latency_ms)},
          {"energy_mj", limit(budget.energy_mj)}};
}

Json accuracy_json(const RunDirectory& run) {
  const Json emulation = read_json(run, kEmulateFile);
  return {{"supernet", read_json(run, kSearchFile).at("accuracy")},
          {"tuned", read_json(run, kTuneFile).at("accuracy")},
          {"int8", read_json(run, kEvalFile).at("int8")},
          {"emulated", emulation.value("accuracy", Json(nullptr))}};
}

/// The same network on two sets of images: what quantization costs, and what the test images say.
Json accuracy_detail_json(const RunDirectory& run) {
  const Json eval = read_json(run, kEvalFile);
  return {{"held_out",
           {{"images", run.experiment().data.held_out},
            {"tuned_on", run.experiment().data.tune_on_held_out},
            {"supernet", read_json(run, kSearchFile).at("accuracy")},
            {"float", read_json(run, kTuneFile).at("accuracy")},
            {"int8", read_json(run, kRangesFile).at("accuracy")}}},
          {"test", {{"images", eval.at("images")}, {"float", eval.at("float")}, {"int8", eval.at("int8")}}}};
}

/// What the runs of the further devices have come to so far.
Json further_results(const RunDirectory& run) {
  Json results = Json::array();
  std::error_code ignored;
  for (const std::filesystem::path& folder : further_folders(run.experiment())) {
    if (!std::filesystem::exists(run.path() / folder / kResultFile, ignored)) continue;
    Json result = read_json(run.path() / folder, kResultFile);
    result["run"] = folder.string();
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace

void write_result(Workspace& workspace) {
  const RunDirectory& run = workspace.run();
  const Json search = read_json(run, kSearchFile), compiled = read_json(run, kCompileFile),
             rank = read_json(run, kRankFile);
  const Json emulation = read_json(run, kEmulateFile);
  Json result = {{"genome", search.at("genome")},
                 {"space",
                  {{"file", run.experiment().space},
                   {"resolution", workspace.winner().space.resolutions.front()},
                   {"width", rank.at("width")}}},
                 {"device", workspace.device().name},
                 {"budget", budget_json(run.experiment().budget)},
                 {"seconds", read_json(run, kSecondsFile)},
                 {"seed", run.experiment().search.seed},
                 {"accuracy", accuracy_json(run)},
                 {"accuracy_detail", accuracy_detail_json(run)},
                 {"random_search", search.value("random", Json(nullptr))},
                 {"evaluations", search.at("evaluations")},
                 {"plan", read_json(run, kPlanFile)},
                 {"emulated_images", emulation.at("images")},
                 {"emulated_equal", emulation.contains("equal_bytes")
                                        ? Json(emulation.at("equal_bytes") == emulation.at("output_bytes"))
                                        : Json(nullptr)},
                 {"emulation_skipped", emulation.value("skipped", Json(nullptr))},
                 {"model_hash", hex(fnv1a(run.read(kModelFile)))},
                 {"config_hash", hex(fnv1a(to_yaml(run.experiment())))},
                 {"version", kVersion}};
  for (const char* key : {"sram_bytes", "arena_bytes", "flash_bytes", "macs", "params", "latency_ms"})
    result[key] = compiled.at(key);
  if (!run.experiment().also.empty()) result["also"] = further_results(run);
  write_json(run, kResultFile, result);
}

}  // namespace tinynas::app
