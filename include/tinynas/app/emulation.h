#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tinynas/app/run_directory.h"
#include "tinynas/core/progress.h"
#include "tinynas/data/dataset.h"
#include "tinynas/emulator/emulator.h"
#include "tinynas/ir/graph.h"

namespace tinynas::app {

/// What a layer took, of one inference.
struct EmulatedLayer {
  std::string name;  ///< as in the model; empty for what is between the layers
  std::string_view op;
  Macs macs = 0;
  emulator::StepInstructions step;
};

/// A firmware folder run in the emulator on test images, every output byte compared with the interpreter's.
struct EmulationCheck {
  std::size_t images = 0;
  std::size_t output_bytes = 0, equal_bytes = 0;
  double accuracy = 0;  ///< percent of the images
  cost::Core core = cost::Core::kCortexM7;
  std::int64_t instructions = 0;
  Bytes stack_bytes = 0;
  Bytes arena_unused_bytes = 0;       ///< at its end, never written
  std::vector<EmulatedLayer> layers;  ///< if asked for
  emulator::LinkedSizes sizes;
  bool all_equal() const { return equal_bytes == output_bytes; }
};

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

/// As kept in emulate.json.
std::string to_json(const EmulationCheck& check);

}  // namespace tinynas::app
