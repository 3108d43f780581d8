#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tinynas/cost/device.h"
#include "tinynas/cost/footprint.h"
#include "tinynas/cost/schedule.h"
#include "tinynas/ir/graph.h"
#include "tinynas/report/quantization.h"

namespace tinynas::report {

/// A network, how it runs and what that costs: what `tinynas profile` prints and the page draws.
struct Profile {
  std::string model = {};  ///< what the user named: a file, a genome
  ir::Graph graph = {};    ///< names are used if there are any; weights are not read
  cost::Schedule schedule = {};
  cost::Footprint footprint = {};
  std::vector<cost::LayerCost> layers = {};
  cost::Device device = {};
  cost::Budget budget = {};
  std::optional<Quantization> quantization = {};  ///< if the file's network was in float
};

/// Which part of the network to look at first, per cost.
struct Bottlenecks {
  int peak_segment = 0;          ///< needs most bytes at once
  Bytes peak_bytes = 0;          ///< how many that are
  std::string peak_holder = {};  ///< the largest tensor or scratch at that moment, by name
  Bytes peak_holder_bytes = 0;
  int slowest_layer = 0;
  double slowest_share = 0;  ///< of the latency
  int largest_layer = 0;     ///< most constants in Flash
  double largest_share = 0;  ///< of all Flash
};
Bottlenecks bottlenecks(const Profile& profile);

/// The totals of a network by the memory rules of another engine, which tinynas does not plan.
struct EngineProfile {
  std::string model = {};
  std::string engine = {};  ///< as `--engine` names it
  ir::Graph graph = {};
  cost::Footprint footprint = {};
  cost::Device device = {};
  cost::Budget budget = {};
};

/// Totals against the budget, bottlenecks, memory map and layers, for a terminal.
std::string profile_text(const Profile& profile);
/// Totals, and what does not fit.
std::string profile_text(const EngineProfile& profile);
/// A profile for machines: engine, macs, params, sram_bytes, arena_bytes, activation_bytes, scratch_bytes,
/// input_bytes, flash_bytes, stack_bytes, latency_ms, row_ms (the work after a pushed row), energy_mj,
/// extra_macs, segments, layers; misses of the budget; bottlenecks; unfitted_kernels, whose latency is a
/// guess; quantization, of a network in float.
std::string profile_json(const Profile& profile);
/// The keys of the other one, as far as they apply; segments are empty.
std::string profile_json(const EngineProfile& profile);

}  // namespace tinynas::report
