#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace tinynas::cost {

/// A processor core as the kernels see it. One row per core in kCores; configs/cores/NAME.yaml holds its
/// cycle table.
enum class Core : std::uint8_t {
  kCortexM0Plus,
  kCortexM3,
  kCortexM4,
  kCortexM7,
  kCortexM33,
  kCortexM55,
  kRiscv32,
  kCount
};

/// Which of the three kernel forms a core runs (engine/c).
enum class KernelIsa : std::uint8_t { kPortable, kDsp, kMve, kCount };

/// Whose instructions a core runs: decides which compiler and emulator know it.
enum class Architecture : std::uint8_t { kArm, kRiscv, kCount };

struct CoreInfo {
  Core core;
  std::string_view name;  ///< as in device files: "cortex-m7"
  KernelIsa isa;
  Architecture architecture = Architecture::kArm;
};
constexpr std::array kCores = {
    CoreInfo{Core::kCortexM0Plus, "cortex-m0plus", KernelIsa::kPortable},
    CoreInfo{Core::kCortexM3, "cortex-m3", KernelIsa::kPortable},
    CoreInfo{Core::kCortexM4, "cortex-m4", KernelIsa::kDsp},
    CoreInfo{Core::kCortexM7, "cortex-m7", KernelIsa::kDsp},
    CoreInfo{Core::kCortexM33, "cortex-m33", KernelIsa::kDsp},
    CoreInfo{Core::kCortexM55, "cortex-m55", KernelIsa::kMve},
    CoreInfo{Core::kRiscv32, "riscv32", KernelIsa::kPortable, Architecture::kRiscv},  // rv32imc
};
static_assert(kCores.size() == static_cast<std::size_t>(Core::kCount), "one row per Core");
constexpr const CoreInfo& core_info(Core core) { return kCores[static_cast<std::size_t>(core)]; }
/// "cortex-m7" -> kCortexM7; ConfigError "<where>: ..." with the nearest name otherwise.
Core parse_core(std::string_view name, std::string_view where);

}  // namespace tinynas::cost
