#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tinynas/report/classes.h"
#include "tinynas/report/profile.h"
#include "tinynas/report/ranking.h"

namespace tinynas::report {

/// A network that the search evaluated.
struct SearchPoint {
  double accuracy = 0;  ///< percent, supernet
  Macs macs = 0;
  Bytes sram_bytes = 0, flash_bytes = 0;
  std::string genome = {};
};

/// One epoch; values that were not measured are absent.
struct EpochPoint {
  double epoch = 0;
  std::optional<double> loss, accuracy = {};  ///< accuracy in percent, on held-out images
};

struct AccuracyStage {
  std::string name = {};  ///< "supernet", "tuned", "float", "int8", "emulated"
  double percent = 0;
  std::int64_t images = 0;  ///< it was measured on
  std::string note = {};    ///< "held-out training images", "test images"
};

struct StageTime {
  std::string name = {};
  double seconds = 0;
  std::optional<double> planned_seconds = {};
  std::string summary = {};  ///< the stage's own line about its result
};

struct ProducedFile {
  std::string name = {};  ///< relative to the run
  Bytes bytes = 0;
  std::string what = {};  ///< "the network, int8, QDQ"
};

/// What one of several devices got from the same supernet.
struct TargetResult {
  std::string device = {};
  std::string page = {};     ///< of its run, relative to this page; empty: this one
  double accuracy = 0;       ///< percent of the test images, int8
  cost::Budget budget = {};  ///< what was allowed
  Bytes sram_bytes = 0, flash_bytes = 0;
  Millis latency_ms = 0;
  Macs macs = 0;
  std::string genome = {};
};

/// Everything the page says, as plain values. Whatever is left empty is left out of the page.
struct RunReport {
  std::string title = {};               ///< "Fashion-MNIST on an STM32F746"
  std::string genome = {};              ///< the winner in text
  std::optional<Profile> network = {};  ///< the winner: graph, schedule, footprint, layers, device, budget

  std::vector<TargetResult> targets = {};    ///< the page's own first
  std::vector<AccuracyStage> accuracy = {};  ///< in the order of the stages
  Classification by_class = {};              ///< of the test images, int8
  std::vector<RankedSpace> ranking = {};
  std::vector<EpochPoint> training, tuning = {};
  std::vector<SearchPoint> evolution, random_search = {};  ///< in the order of evaluation
  std::vector<StageTime> stages = {};
  std::optional<double> time_limit_s = {};
  std::vector<ProducedFile> files = {};
  std::vector<std::pair<std::string, std::string>> facts =
      {};                   ///< seed, versions, config hash: name and value
  std::string config = {};  ///< config.yaml
};

/// One self-contained page: styles and drawings inside, no script, nothing loaded. Same report, same bytes.
std::string render_html(const RunReport& report);

/// A drawing of the page as a file of its own.
struct Picture {
  std::string name = {};  ///< "memory-map.svg"
  std::string svg = {};
};
/// The page's drawings in its order; those that the report has no figures for are left out. Same report, same
/// bytes.
std::vector<Picture> pictures(const RunReport& report);

}  // namespace tinynas::report
