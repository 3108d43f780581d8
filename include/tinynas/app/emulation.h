#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tinynas/app/emulation_check.h"
#include "tinynas/app/run_directory.h"
#include "tinynas/core/progress.h"
#include "tinynas/data/dataset.h"
#include "tinynas/ir/graph.h"

namespace tinynas::app {

/// Names the steps by the network's layers, in its order; what is between the layers (tensor -1) comes last.
std::vector<EmulatedLayer> emulated_layers(const ir::Graph& graph,
                                           std::vector<emulator::StepInstructions> steps);

enum class CountLayers : std::uint8_t { kNo, kYes };

/// `graph` is the quantized network the folder was generated from.
EmulationCheck check_in_emulator(const ir::Graph& graph, const std::filesystem::path& firmware,
                                 cost::Core core, CountLayers count, const data::ImageSet& images,
                                 const std::filesystem::path& build_folder, const ProgressFn& progress,
                                 const StopToken& stop);

struct EmulateSettings {
  int images = 100;  ///< the first of the test images
  std::optional<cost::Core> core =
      std::nullopt;  ///< another than the device's: planned and generated anew for it
  CountLayers count = CountLayers::kNo;
};
/// The same for a finished run. IoError if the run has no firmware yet.
EmulationCheck emulate_run(const RunDirectory& run, const EmulateSettings& settings,
                           const ProgressFn& progress, const StopToken& stop);

/// The check as emulate.json keeps it.
std::string to_json(const EmulationCheck& check);

}  // namespace tinynas::app
