#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "tinynas/core/json_document.h"
#include "tinynas/core/units.h"
#include "tinynas/cost/device.h"

namespace tinynas::cli {
namespace {

void print_table() {
  fmt::print("{:<16} {:<14} {:>8} {:>8} {:>8} {:>8}\n", "device", "core", "MHz", "SRAM", "Flash", "mW");
  for (const std::string& name : cost::device_names()) {
    const cost::Device device = cost::load_device(name, "devices");
    fmt::print("{:<16} {:<14} {:>8g} {:>8} {:>8} {:>8}\n", name, cost::core_info(device.core).name,
               device.clock_hz / 1e6, format_bytes(device.sram_bytes), format_bytes(device.flash_bytes),
               device.active_power_w > 0 ? fmt::format("{:.0f}", 1e3 * device.active_power_w) : "-");
  }
}

void print_json() {
  nlohmann::json all = nlohmann::json::array();
  for (const std::string& name : cost::device_names()) {
    const cost::Device device = cost::load_device(name, "devices");
    all.push_back({{"name", name},
                   {"core", cost::core_info(device.core).name},
                   {"clock_hz", device.clock_hz},
                   {"sram_bytes", device.sram_bytes},
                   {"flash_bytes", device.flash_bytes},
                   {"active_power_w", device.active_power_w}});
  }
  fmt::print("{}", json_document("devices", nlohmann::json{{"devices", all}}.dump(2)));
}

}  // namespace

void add_devices(CLI::App& app, const Shell&) {
  const auto json = std::make_shared<bool>(false);
  CLI::App* sub = app.add_subcommand("devices", "List the microcontrollers tinynas knows");
  sub->add_flag("--json", *json, "as JSON");
  sub->footer(
      "Example:\n  tinynas devices\nAdd your own: copy a file of configs/devices/ and pass its path to "
      "--device.");
  sub->callback([json] { *json ? print_json() : print_table(); });
}

}  // namespace tinynas::cli
