#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tinynas/cost/cycles.h"

namespace tinynas::cost {

/// A layer whose cycles were measured.
struct LayerSample {
  std::size_t row = 0;  ///< of the cycle table: cycle_row_for()
  LayerWork work;
  Cycles cycles = 0;
};
LayerSample layer_sample(const ir::Graph& graph, const ir::Layer& layer, KernelIsa isa, Cycles cycles);

/// The table that predicts the samples best: for every kernel the terms >= 0, at most one for every three
/// samples, with the least sum of squared relative errors. Kernels without samples have no terms.
CycleTable fit_cycle_table(std::span<const LayerSample> samples);
/// The same, but a kernel with too few samples keeps its row of `base` times what fits the samples it has;
/// one without any, times what fits all samples.
CycleTable fit_cycle_table(std::span<const LayerSample> samples, const CycleTable& base);

/// How far predictions are off, as shares of what was measured.
struct FitErrors {
  std::size_t count = 0;
  double median = 0, worst = 0;
  std::size_t worst_at = 0;  ///< index of the worst sample
};
FitErrors fit_errors(std::span<const double> predicted, std::span<const double> measured);
FitErrors fit_errors(const CycleTable& table, std::span<const LayerSample> samples);

/// The text of a sheet; of 16 MB at most. IoError.
std::string read_sheet(const std::filesystem::path& path);
/// A table to fill in on one's own board: a line per layer that says what the fit needs to know, and an empty
/// column `cycles`.
std::string sample_sheet(const ir::Graph& graph, KernelIsa isa);
/// The same of measured layers.
std::string samples_text(std::span<const LayerSample> samples);
/// Reads filled-in sheets, or what a board's serial port said (a firmware's examples/benchmark.c prints a
/// sheet). Left out are layers without cycles, all before the first line of column names, lines with '#' in
/// the first cell and lines without a comma. ConfigError "name:line: ...".
std::vector<LayerSample> parse_samples(std::string_view text, const std::string& name);
/// What a firmware's examples/benchmark.c says of itself beside the sheet.
struct SampleOrigin {
  std::string core;          ///< "cortex-m4"; empty: not said
  bool of_emulator = false;  ///< instructions, not cycles
};
/// ConfigError if it says two cores.
SampleOrigin sample_origin(std::string_view text, const std::string& name);

}  // namespace tinynas::cost
