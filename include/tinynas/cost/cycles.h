#pragma once

#include <filesystem>

#include "tinynas/core/units.h"
#include "tinynas/cost/device.h"
#include "tinynas/ir/graph.h"

namespace tinynas::cost {

/// The counts that a layer's cycles are linear in.
struct LayerWork {
  std::int64_t rows = 0;     ///< kernel calls: output rows; for a global pool input rows
  std::int64_t outputs = 0;  ///< output values
  std::int64_t macs = 0;
  std::int64_t inputs = 0;  ///< input values read: of every row once per kernel row that reads it
};
LayerWork layer_work(const ir::Graph& graph, const ir::Layer& layer);

/// Reads a cycle table: a row per kernel, or per family of kernels ("tn_depthwise" stands for
/// "tn_depthwise_3x3" too), and `other` for the rest. ConfigError if a row names no kernel.
CycleTable load_cycle_table(const std::filesystem::path& path);
/// configs/cores/NAME.yaml.
CycleTable load_cycle_table_of(Core core);

/// 0 with an empty table.
Cycles layer_cycles(const CycleTable& table, const ir::Graph& graph, const ir::Layer& layer);

}  // namespace tinynas::cost
