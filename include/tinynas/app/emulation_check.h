#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tinynas/emulator/emulator.h"

namespace tinynas::app {

/// What a layer took, of one inference.
struct EmulatedLayer {
  std::string name;  ///< as in the model; empty for what is between the layers
  std::string_view op;
  Macs macs = 0;
  emulator::StepInstructions step;
};

/// A firmware folder run in the emulator on inputs, every output byte compared with the interpreter's.
struct EmulationCheck {
  std::size_t images = 0;
  std::size_t output_bytes = 0, equal_bytes = 0;
  std::optional<double> accuracy = {};  ///< percent of the images, where they have labels
  cost::Core core = cost::Core::kCortexM7;
  std::int64_t instructions = 0;
  Bytes stack_bytes = 0;
  Bytes arena_unused_bytes = 0;       ///< at its end, never written
  std::vector<EmulatedLayer> layers;  ///< if asked for
  emulator::LinkedSizes sizes;
  bool all_equal() const { return equal_bytes == output_bytes; }
};

}  // namespace tinynas::app
