#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tinynas/app/plan.h"
#include "tinynas/app/run_directory.h"
#include "tinynas/cost/footprint.h"
#include "tinynas/report/classes.h"

namespace tinynas::app {

/// A network that a search evaluated: percent of the held-out images by the supernet, and what it costs.
struct FoundNetwork {
  std::string genome;
  double accuracy = 0;
  double standard_error = 0;  ///< of the accuracy, percent points
  int images = 0;             ///< that the accuracy was measured on; 0: not known
  cost::Footprint cost;       ///< macs, sram_bytes, flash_bytes and latency_ms
};

struct RandomSearch {
  FoundNetwork best;
  std::size_t evaluations = 0;
};

/// Test images: percent right of the int8 network, and of the float one that it was made of.
struct Evaluated {
  std::size_t images = 0;
  double in_int8 = 0;
  std::optional<double> in_float;   ///< null: there is only the int8 file
  report::Classification by_class;  ///< int8; empty in files of older versions
  std::string quantization = {};    ///< report::quantization_json() of a file in float; written, not read
};
/// As in eval.json.
std::string to_json(const Evaluated& evaluated);

/// What a run has come to, for scripts, the page and the terminal: result.json, whose keys
/// docs/json.md lists.
struct Result {
  struct Space {
    std::string file;
    int resolution = 0;  ///< of the winner
    double width = 0;
  };
  /// Percent: `supernet` and `tuned` of the held-out images, the others of the test images.
  struct Accuracy {
    double supernet = 0, tuned = 0, int8 = 0;
    std::optional<double> emulated;
  };
  /// Percent of the held-out images.
  struct HeldOut {
    int images = 0;
    bool tuned_on = false;  ///< the winner was trained on them too
    double supernet = 0, in_float = 0, in_int8 = 0;
  };
  struct Detail {
    HeldOut held_out;
    Evaluated test;
  };

  std::string genome;
  Space space;
  std::string device;
  cost::Budget budget;
  std::map<std::string, double> seconds;  ///< by stage
  std::uint64_t seed = 0;
  Accuracy accuracy;
  Detail detail;
  std::optional<RandomSearch> random_search;  ///< null: it found nothing
  int evaluations = 0;
  Plan plan;
  std::size_t emulated_images = 0;
  std::optional<bool> emulated_equal;            ///< to the interpreter's outputs; null: not emulated
  std::optional<std::string> emulation_skipped;  ///< why; null: it was not
  std::string model_hash, config_hash, version;
  cost::Footprint cost;  ///< macs, params, sram_bytes, arena_bytes, flash_bytes and latency_ms

  /// The results so far of the further devices' runs; null: there are no further devices.
  std::optional<std::vector<Result>> also;
  std::string run;  ///< of such a run, its folder in the first one's
};

/// From result.json; null if the run has not got that far.
std::optional<Result> find_result(const RunDirectory& run);
/// Of a run that has not got that far: its folder, and the seconds spent on each stage.
std::string progress_json(const RunDirectory& run);
/// As in result.json.
std::string to_json(const Result& result);

}  // namespace tinynas::app
