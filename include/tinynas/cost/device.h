#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tinynas/core/units.h"
#include "tinynas/cost/terms.h"

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
  kCount
};

/// Which of the three kernel forms a core runs (engine/c).
enum class KernelIsa : std::uint8_t { kPortable, kDsp, kMve, kCount };

struct CoreInfo {
  Core core;
  std::string_view name;  ///< as in device files: "cortex-m7"
  KernelIsa isa;
};
constexpr std::array kCores = {
    CoreInfo{Core::kCortexM0Plus, "cortex-m0plus", KernelIsa::kPortable},
    CoreInfo{Core::kCortexM3, "cortex-m3", KernelIsa::kPortable},
    CoreInfo{Core::kCortexM4, "cortex-m4", KernelIsa::kDsp},
    CoreInfo{Core::kCortexM7, "cortex-m7", KernelIsa::kDsp},
    CoreInfo{Core::kCortexM33, "cortex-m33", KernelIsa::kDsp},
    CoreInfo{Core::kCortexM55, "cortex-m55", KernelIsa::kMve},
};
static_assert(kCores.size() == static_cast<std::size_t>(Core::kCount), "one row per Core");
constexpr const CoreInfo& core_info(Core core) { return kCores[static_cast<std::size_t>(core)]; }
/// "cortex-m7" -> kCortexM7; ConfigError "<where>: ..." with the nearest name otherwise.
Core parse_core(std::string_view name, std::string_view where);

/// Two rows per kernel of kernel_register(), in its order: as it is, and where code is unrolled for the layer
/// (cost/unrolled.h): what each of its terms takes.
/// configs/cores/NAME.yaml.
using CycleTable = std::vector<CycleTerms>;

/// A microcontroller: configs/devices/NAME.yaml, each number with its data sheet.
struct Device {
  std::string name = {};
  Core core = Core::kCortexM7;
  double clock_hz = 0;
  Bytes sram_bytes = 0, flash_bytes = 0;
  double active_power_w = 0;  ///< running from Flash at clock_hz; 0: unknown, energy is then not stated
  CycleTable cycles = {};     ///< of its core, or of this board as calibrated; empty: latency is not stated
  friend bool operator==(const Device&, const Device&) = default;
};

/// By name (configs/devices/) or by path of a YAML file. `where` names the flag or file:line in the
/// ConfigError.
Device load_device(std::string_view name_or_path, std::string_view where);
std::vector<std::string> device_names();

}  // namespace tinynas::cost
