#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tinynas/emulator/emulator.h"
#include "tinynas/engine/board.h"

namespace tinynas::emulator {

/// Whether the compiler may merge the steps of the layers into the loops around them.
enum class StepCode { kInlined, kSeparate };

/// An ELF file for an emulated board, and what the linker said of it.
struct BuiltFirmware {
  std::filesystem::path elf;
  LinkedSizes sizes;
};

/// Compiles the firmware folder with the emulator's start-up and main for `core`; the objects, firmware.elf
/// and firmware.map land in `build_folder`.
BuiltFirmware build_for_board(const std::filesystem::path& folder, const std::string& name, cost::Core core,
                              const std::filesystem::path& build_folder, StepCode steps = StepCode::kInlined);

/// What one run in the emulator is given.
struct EmulatorRun {
  std::filesystem::path folder;  ///< where images.bin is and results.bin will be
  std::vector<std::string> extra_arguments;
  std::function<void(std::string_view)> on_output;
  StopToken stop;
};
/// Writes images.bin, runs the ELF file, returns results.bin.
std::string run_on_board(const BuiltFirmware& firmware, cost::Core core,
                         const std::vector<std::vector<std::int8_t>>& images, const EmulatorRun& run);

/// Counts the instructions of every layer on one image with a plugin of the emulator.
std::vector<StepInstructions> count_step_instructions(const std::filesystem::path& folder,
                                                      const EmulateOptions& options,
                                                      const std::vector<std::int8_t>& image,
                                                      const std::filesystem::path& build_folder,
                                                      const StopToken& stop);

/// The program, or UnsupportedError naming the Debian package that brings it.
std::string require_program(std::string_view program, std::string_view package);
/// The emulator that runs a core's programs, and "nm" or "objdump" for them.
std::string require_emulator(cost::Core core);
std::string binary_tool(cost::Core core, std::string_view tool);

}  // namespace tinynas::emulator
