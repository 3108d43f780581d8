#pragma once

#include <filesystem>
#include <string>

#include "tinynas/app/run_directory.h"
#include "tinynas/core/progress.h"
#include "tinynas/data/dataset.h"
#include "tinynas/engine/emulator.h"
#include "tinynas/ir/graph.h"

namespace tinynas::app {

/// A firmware folder run in the emulator on test images, every output byte compared with the interpreter's.
struct EmulationCheck {
  std::size_t images = 0;
  std::size_t output_bytes = 0, equal_bytes = 0;
  double accuracy = 0;  ///< percent of the images
  std::int64_t instructions = 0;
  Bytes stack_bytes = 0;
  engine::LinkedSizes sizes;
  bool all_equal() const { return equal_bytes == output_bytes; }
};

/// `graph` is the quantized network the folder was generated from.
EmulationCheck check_in_emulator(const ir::Graph& graph, const std::filesystem::path& firmware,
                                 cost::Core core, const data::ImageSet& images,
                                 const std::filesystem::path& build_folder, const ProgressFn& progress,
                                 const StopToken& stop);

/// The same for a finished run, on its first `images` test images. IoError if the run has no firmware yet.
EmulationCheck emulate_run(const RunDirectory& run, int images, const ProgressFn& progress,
                           const StopToken& stop);

/// As kept in emulate.json.
std::string to_json(const EmulationCheck& check);

}  // namespace tinynas::app
