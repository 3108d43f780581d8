#pragma once

#include <string_view>

/// The files of a run directory: what stages leave for each other and for the user.
namespace tinynas::app {

inline constexpr std::string_view kConfigFile = "config.yaml";
inline constexpr std::string_view kSpaceFile = "space.yaml";      ///< copy of the search space's file
inline constexpr std::string_view kSecondsFile = "seconds.json";  ///< time spent per stage
inline constexpr std::string_view kRankFile = "rank.json";
inline constexpr std::string_view kPlanFile = "plan.json";
inline constexpr std::string_view kTrainFile = "train.json";
inline constexpr std::string_view kSupernetFile = "supernet.pt";
inline constexpr std::string_view kTrainLog = "train.jsonl";
inline constexpr std::string_view kAnswersFile = "answers.jsonl";  ///< what the supernet said of each network
inline constexpr std::string_view kAlsoFolder = "also";            ///< a run for every further device
inline constexpr std::string_view kSearchFile = "search.json";
inline constexpr std::string_view kHistoryFile = "history.jsonl";
inline constexpr std::string_view kRandomHistoryFile = "random.jsonl";
inline constexpr std::string_view kFinalistsFile = "finalists.jsonl";
inline constexpr std::string_view kTunePlanFile = "tune_plan.json";  ///< epochs, once tuning has begun
inline constexpr std::string_view kTuneFile = "tune.json";
inline constexpr std::string_view kWeightsFile = "tuned.weights";
inline constexpr std::string_view kRangesFile = "ranges.json";
inline constexpr std::string_view kModelFile = "model.onnx";
inline constexpr std::string_view kEvalFile = "eval.json";
inline constexpr std::string_view kFirmwareFolder = "firmware";
inline constexpr std::string_view kCompileFile = "compile.json";
inline constexpr std::string_view kEmulateFile = "emulate.json";
inline constexpr std::string_view kEmulatorFolder = "emulator";
inline constexpr std::string_view kResultFile = "result.json";
inline constexpr std::string_view kReportFile = "report.html";

}  // namespace tinynas::app
