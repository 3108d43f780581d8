#include "tinynas/engine/toolchain.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

#include "tinynas/core/error.h"

namespace tinynas::engine {
namespace {

using cost::Core;
constexpr std::string_view kArm = "arm-none-eabi-";
const std::vector<std::string> kArmLinking = {"-nostartfiles", "-specs=nano.specs", "-Wl,--gc-sections"};
constexpr std::string_view kArmPackages = "gcc-arm-none-eabi libnewlib-arm-none-eabi";

/// GCC uses the vectors of a Cortex-M55 (MVE) only with the calling convention that passes floats in its
/// registers.
const std::array<Toolchain, cost::kCores.size()> kToolchains = {
    Toolchain{Core::kCortexM0Plus, kArm, {"-mcpu=cortex-m0plus", "-mthumb"}, kArmPackages, kArmLinking},
    Toolchain{Core::kCortexM3, kArm, {"-mcpu=cortex-m3", "-mthumb"}, kArmPackages, kArmLinking},
    Toolchain{Core::kCortexM4,
              kArm,
              {"-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16"},
              kArmPackages,
              kArmLinking},
    Toolchain{Core::kCortexM7,
              kArm,
              {"-mcpu=cortex-m7", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv5-sp-d16"},
              kArmPackages,
              kArmLinking},
    Toolchain{Core::kCortexM33,
              kArm,
              {"-mcpu=cortex-m33", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv5-sp-d16"},
              kArmPackages,
              kArmLinking},
    Toolchain{Core::kCortexM55,
              kArm,
              {"-mcpu=cortex-m55", "-mthumb", "-mfloat-abi=hard"},
              kArmPackages,
              kArmLinking},
    Toolchain{Core::kRiscv32,
              "riscv64-unknown-elf-",
              {"-march=rv32imc", "-mabi=ilp32", "--specs=picolibc.specs"},
              "gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf",
              {"-nostartfiles", "-Wl,--gc-sections"}},
};

}  // namespace

const Toolchain& toolchain_for(cost::Core core) {
  const Toolchain& toolchain = kToolchains[static_cast<std::size_t>(core)];
  TINYNAS_CHECK(toolchain.core == core, "toolchains stand in the order of cores");
  return toolchain;
}

std::string flags_text(const Toolchain& toolchain) {
  return fmt::format("{}", fmt::join(toolchain.flags, " "));
}

}  // namespace tinynas::engine
