#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tinynas/core/units.h"
#include "tinynas/cost/core.h"
#include "tinynas/cost/cycles.h"

namespace tinynas::cost {

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

/// Reads a device by name (configs/devices/) or by path of a YAML file. `where` names the flag or file:line
/// in the ConfigError.
Device load_device(std::string_view name_or_path, std::string_view where);
std::vector<std::string> device_names();

}  // namespace tinynas::cost
