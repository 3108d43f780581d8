#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/board.h"
#include "tinynas/engine/emulator.h"

namespace tinynas::engine {

/// An ELF file for an emulated board, and what the linker said of it.
struct BuiltFirmware {
  std::filesystem::path elf;
  LinkedSizes sizes;
};

/// Compiles the firmware folder with the emulator's start-up and main for `core`; the objects, firmware.elf
/// and firmware.map land in `build_folder`.
BuiltFirmware build_for_board(const std::filesystem::path& folder, const std::string& name, cost::Core core,
                              const std::filesystem::path& build_folder);

/// The program, or UnsupportedError naming the Debian package that brings it.
std::string require_program(const std::string& program, const std::string& package);

}  // namespace tinynas::engine
