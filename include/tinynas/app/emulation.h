#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tinynas/app/emulation_check.h"
#include "tinynas/app/model.h"
#include "tinynas/app/run_directory.h"
#include "tinynas/core/progress.h"
#include "tinynas/ir/graph.h"

namespace tinynas::app {

/// Names the steps by the network's layers, in its order; what is between the layers (tensor -1) comes last.
std::vector<EmulatedLayer> emulated_layers(const ir::Graph& graph,
                                           std::vector<emulator::StepInstructions> steps);

enum class CountLayers : std::uint8_t { kNo, kYes };

struct EmulateSettings {
  int images = 100;  ///< the first of the test images
  std::optional<cost::Core> core =
      std::nullopt;  ///< another than the device's: planned and generated anew for it
  CountLayers count = CountLayers::kNo;
};
/// The same for a finished run. IoError if the run has no firmware yet.
EmulationCheck emulate_run(const RunDirectory& run, const EmulateSettings& settings,
                           const ProgressFn& progress, const StopToken& stop);

struct EmulateModelSettings {
  Target target;
  std::vector<std::vector<std::int8_t>> inputs = {};  ///< of all the network's inputs; calls, if it streams
  CountLayers count = CountLayers::kNo;
};
/// The same for a model file: firmware is made of it and built in `folder`. UnsupportedError if the emulated
/// board is too small for it.
EmulationCheck emulate_model(const Model& model, const EmulateModelSettings& settings,
                             const std::filesystem::path& folder, const ProgressFn& progress,
                             const StopToken& stop);

/// The check as emulate.json keeps it.
std::string to_json(const EmulationCheck& check);

}  // namespace tinynas::app
