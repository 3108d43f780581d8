#pragma once

#include <filesystem>
#include <vector>

#include "tinynas/core/progress.h"
#include "tinynas/core/rng.h"
#include "tinynas/cost/fit.h"
#include "tinynas/cost/instructions.h"
#include "tinynas/ir/graph.h"

namespace tinynas::emulator {

/// A bare graph as a quantized one: random int8 weights, and scales such that outputs fill the range of int8.
/// What a processor does for a layer depends on its shape and hardly on these.
ir::Graph with_random_weights(ir::Graph bare, Rng rng);

/// A bare network of the shape the search makes, to measure kernels with: a stem, blocks of 1x1, depthwise
/// (3x3, 5x5, 7x7, stride 1 or 2) and residual additions; now and then a plain 3x3 convolution, pools,
/// squeeze and excite, concat, resize; pool, dense, softmax. All is drawn but `width`, that of the tensors
/// behind the stem.
ir::Graph probe_network(int width, Rng rng);

/// What an emulated core did in one inference.
struct MeasuredNetwork {
  std::vector<cost::EventCounts> layers = {};  ///< one per layer
  cost::EventCounts between;                   ///< the loops around the layers
};
/// Generates the firmware of a quantized graph in `folder`, builds it and runs it once. Needs the
/// core's compiler and emulator, and a C compiler; UnsupportedError names the package that is missing.
MeasuredNetwork measure_network(const ir::Graph& graph, cost::Core core, const std::filesystem::path& folder,
                                const StopToken& stop);

struct CalibrationOptions {
  int fitted_networks = 78, held_out_networks = 24;  ///< probe networks, three of each width
  std::vector<ir::Graph> held_out = {};              ///< bare networks that are held out as well
  std::uint64_t seed = 1;
};
/// A cycle table, and how well it predicts what it was not fitted to.
struct Calibration {
  cost::CycleTable fitted_table;  ///< to write; kernels that the core does not run have no terms
  cost::CycleTable table;         ///< the same as it will be read
  std::vector<cost::LayerSample> fitted, held_out = {};  ///< no layer held out has the shape of a fitted one
  std::vector<Cycles> predicted_networks, measured_networks = {};  ///< those held out, as a whole
  cost::FitErrors layer_errors, network_errors;                    ///< on what was held out
};
/// Measures the layers of networks on an emulated core: counts of instructions times the cycles that
/// configs/calibration/instruction_cycles.yaml estimates for each class. Fits the table to those of
/// `fitted_networks`. Works in `folder`, which it leaves behind. Takes a few minutes.
Calibration calibrate(cost::Core core, const CalibrationOptions& options, const std::filesystem::path& folder,
                      const ProgressFn& progress, const StopToken& stop);

}  // namespace tinynas::emulator
