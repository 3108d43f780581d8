#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "tinynas/cost/core.h"

namespace tinynas::engine {

/// How GCC compiles for a core. The generated Makefile, CMakeLists.txt and README say it, the emulator does
/// it.
struct Toolchain {
  cost::Core core;
  std::string_view prefix;         ///< of the programs: "arm-none-eabi-"
  std::vector<std::string> flags;  ///< of compiler and linker: "-mcpu=cortex-m4", "-mthumb", ...
  std::string_view packages;       ///< of Debian: compiler and C library
  /// Of the linker, for a program with a start-up of its own (examples/qemu).
  std::vector<std::string> linking;
};
const Toolchain& toolchain_for(cost::Core core);

/// The same for every core. -O2 is what the kernels are tuned and their sizes measured with.
inline constexpr std::string_view kLanguage = "-std=c11", kOptimization = "-O2";
inline constexpr std::array<std::string_view, 2> kSections = {"-ffunction-sections", "-fdata-sections"};

/// "-mcpu=cortex-m4 -mthumb ...".
std::string flags_text(const Toolchain& toolchain);

}  // namespace tinynas::engine
