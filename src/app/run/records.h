#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/run/files.h"
#include "tinynas/app/emulation_check.h"
#include "tinynas/app/result.h"
#include "tinynas/quant/quantize.h"
#include "tinynas/report/ranking.h"

/// The files that stages leave for each other, as values: one struct a file, whose keys stand in records.cpp.
namespace tinynas::app {

/// seconds.json: spent in each stage, over all its attempts.
using Seconds = std::map<std::string, double>;

/// rank.json: every space, and the one that is trained; its indices are those of the run's own space.
struct Ranked {
  int resolution_index = 0, width_index = 0;
  int resolution = 0;
  int smallest_resolution = 0;  ///< where it is elastic; 0: there is one
  double width = 0, mean_macs = 0;
  std::vector<report::RankedSpace> spaces;
};

/// train.json: the supernet is trained.
struct Trained {
  int epochs = 0;
  std::size_t images = 0;
  std::string recipe;
};

/// A line of train.jsonl, which train/ writes. What was not measured is absent.
struct TrainedEpoch {
  std::string stage;  ///< "supernet", "tuned"
  std::optional<double> epoch, loss, accuracy;
  std::optional<double> train_accuracy;  ///< percent of the training images, changed as they were
  std::optional<double> learning_rate;   ///< of its last step
  double images_per_second = 0;
  double time = 0;  ///< seconds since 1970; 0: not known
};

/// search.json: the winner, and what was found beside it.
struct Searched {
  struct Finalist {
    std::string genome;
    double supernet = 0, accuracy = 0;  ///< percent, by the supernet and after its own training
  };
  FoundNetwork winner;
  std::vector<Finalist> finalists;  ///< best first; empty: no finals
  int evaluations = 0;
  std::map<std::string, double> figures;  ///< of the strategy, in the end
  std::vector<FoundNetwork> front;        ///< of several objectives
  std::optional<RandomSearch> random;     ///< absent: it found nothing
};

/// A line of finalists.jsonl.
struct JudgedFinalist {
  std::string genome;
  double accuracy = 0;  ///< percent
};

/// tune_plan.json: settled when tuning begins.
struct TunePlan {
  int epochs = 0;
};

/// tune.json: the winner is trained.
struct Tuned {
  int epochs = 0;
  double accuracy = 0;  ///< percent of the held-out images
};

/// ranges.json: what calibration leaves for the export, and what it saw. Floats read back to the bit.
struct Calibration {
  quant::Ranges ranges;
  ir::TensorQuant input;
  std::size_t images = 0;
  double accuracy = 0;  ///< percent of the held-out images in int8
};

/// emulate.json: the check, or why there was none. Its core, layers and linked sizes are for the user: they
/// are written, and not read back.
struct Emulated {
  EmulationCheck check;
  std::optional<std::string> skipped;
};

/// compile.json is what report::profile_json says. A run reads macs, params, sram_bytes, arena_bytes,
/// flash_bytes and latency_ms of it, as a cost::Footprint. eval.json is an Evaluated, of result.h.

/// Reads a record's file in a run, which may be one that is not open here. IoError naming the file and what
/// to do if it is missing or damaged: the files of a run are ours, so somebody changed one.
template <typename T>
T read(const std::filesystem::path& run);
template <typename T>
T read(const RunDirectory& run) {
  return read<T>(run.path());
}

/// As in the record's file: JSON, indented, sorted keys, a newline at the end.
template <typename T>
std::string text(const T& record);
template <typename T>
void write(const RunDirectory& run, const T& record);

/// A line of a file of one record a line; null if it is damaged.
template <typename T>
std::optional<T> parse_line(const std::string& line);
/// All of such a file. Damaged lines are passed over, as is a last one that a kill cut off.
template <typename T>
std::vector<T> read_lines(const std::filesystem::path& run);
template <typename T>
void append(const RunDirectory& run, const T& record);

}  // namespace tinynas::app
