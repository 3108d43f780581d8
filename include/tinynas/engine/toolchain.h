#pragma once

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
};
const Toolchain& toolchain_for(cost::Core core);

/// "-mcpu=cortex-m4 -mthumb ...".
std::string flags_text(const Toolchain& toolchain);

}  // namespace tinynas::engine
