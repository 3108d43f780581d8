#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tinynas/core/progress.h"
#include "tinynas/core/units.h"
#include "tinynas/cost/device.h"
#include "tinynas/cost/instructions.h"

namespace tinynas::emulator {

/// Sizes the linker reports for the model's and the kernels' objects after --gc-sections.
struct LinkedSizes {
  Bytes text = 0, rodata = 0, data = 0, bss = 0;
  Bytes arena = 0;  ///< size of the arena symbol
  Bytes flash() const { return text + rodata + data; }
  Bytes sram() const { return data + bss; }
};

/// What the processor did for one layer in one inference.
struct StepInstructions {
  int tensor = -1;  ///< the layer's output (tN_step in model.c); -1: between the layers
  cost::EventCounts events;
  std::int64_t total() const { return events.instructions(); }
};

struct Emulation {
  std::vector<std::vector<std::int8_t>> outputs = {};  ///< one per image
  std::int64_t instructions = 0;  ///< per inference, mean over the images (exact: -icount)
  Bytes stack_bytes = 0;          ///< high-water mark of one inference
  Bytes arena_unused_bytes =
      0;  ///< at its end, never written by any inference: 0 unless the plan is too large
  LinkedSizes sizes;
  std::vector<StepInstructions>
      steps;  ///< if asked for; in the order of execution, what is between them last
};

/// Builds a firmware folder for a core with its compiler (engine/toolchain.h).
/// UnsupportedError if the compiler is not installed (says which package), or if the emulated board is too
/// small; IoError with the compiler's first
/// error.
LinkedSizes build_firmware(const std::filesystem::path& folder, const std::string& name, cost::Core core,
                           const std::filesystem::path& build_folder);

/// UnsupportedError unless firmware of so many bytes can be loaded into the emulated board of a core.
void require_board(cost::Core core, Bytes flash, Bytes sram, const std::filesystem::path& model);

/// How a firmware folder is run.
struct EmulateOptions {
  std::string name = "model";
  cost::Core core = cost::Core::kCortexM7;
  int image_rows = 0;  ///< H: rows are pushed one by one
  Bytes image_bytes = 0, output_bytes = 0;
  bool count_steps = false;  ///< a second run on the first image counts the instructions of every layer
};

/// Builds it with a test main and runs it in QEMU on each image (int8, [H, W, C]).
/// `image_bytes` is H * W * C, `output_bytes` the number of outputs; names QEMU's package if it is missing.
///
/// `count_steps` needs a C compiler for this computer (UnsupportedError otherwise) and builds the firmware
/// once more, its steps not inlined, so that the sum differs by about a percent from `instructions`.
Emulation emulate(const std::filesystem::path& folder, const EmulateOptions& options,
                  const std::vector<std::vector<std::int8_t>>& images,
                  const std::filesystem::path& build_folder, const ProgressFn& progress,
                  const StopToken& stop);

}  // namespace tinynas::emulator
