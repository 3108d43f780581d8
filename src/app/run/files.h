#pragma once

/// The files of a run directory: what stages leave for each other and for the user.
namespace tinynas::app {

inline constexpr const char* kConfigFile = "config.yaml";
inline constexpr const char* kSpaceFile = "space.yaml";      ///< copy of the search space's file
inline constexpr const char* kSecondsFile = "seconds.json";  ///< time spent per stage
inline constexpr const char* kRankFile = "rank.json";
inline constexpr const char* kPlanFile = "plan.json";
inline constexpr const char* kTrainFile = "train.json";
inline constexpr const char* kSupernetFile = "supernet.pt";
inline constexpr const char* kTrainLog = "train.jsonl";
inline constexpr const char* kTrainCurves = "tensorboard/train";  ///< folders of TensorBoard's runs
inline constexpr const char* kTuneCurves = "tensorboard/tune";
inline constexpr const char* kSearchCurves = "tensorboard/search";
inline constexpr const char* kRandomCurves = "tensorboard/random";
inline constexpr const char* kAnswersFile = "answers.jsonl";  ///< what the supernet said of each network
inline constexpr const char* kSearchFile = "search.json";
inline constexpr const char* kHistoryFile = "history.jsonl";
inline constexpr const char* kRandomHistoryFile = "random.jsonl";
inline constexpr const char* kFinalistsFile = "finalists.jsonl";
inline constexpr const char* kTunePlanFile = "tune_plan.json";  ///< epochs, once tuning has begun
inline constexpr const char* kTuneFile = "tune.json";
inline constexpr const char* kWeightsFile = "tuned.weights";
inline constexpr const char* kRangesFile = "ranges.json";
inline constexpr const char* kModelFile = "model.onnx";
inline constexpr const char* kEvalFile = "eval.json";
inline constexpr const char* kFirmwareFolder = "firmware";
inline constexpr const char* kCompileFile = "compile.json";
inline constexpr const char* kEmulateFile = "emulate.json";
inline constexpr const char* kEmulatorFolder = "emulator";
inline constexpr const char* kResultFile = "result.json";
inline constexpr const char* kCardFile = "README.md";
inline constexpr const char* kReportFile = "report.html";

}  // namespace tinynas::app
