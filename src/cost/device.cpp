#include "tinynas/cost/device.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/core/yaml.h"

namespace tinynas::cost {

namespace {

constexpr const char* kDeviceFolder = "configs/devices";

Device read_device(const std::filesystem::path& path) {
  const yaml::Node file = yaml::Node::load(path);
  Device device{.name = path.stem().string()};
  device.core = parse_core(file.at("core").text(), file.at("core").where());
  device.clock_hz = file.at("clock").hertz();
  device.sram_bytes = file.at("sram").bytes();
  device.flash_bytes = file.at("flash").bytes();
  if (const auto power = file.find("power_w")) device.active_power_w = power->number(0, 1000);
  if (const auto cycles = file.find("cycles"))  // a table of this board's own, beside its file
    device.cycles = load_cycle_table(path.parent_path() / cycles->text());
  else
    device.cycles = load_cycle_table_of(device.core);
  file.finish();
  return device;
}

}  // namespace

std::vector<std::string> device_names() { return list_resources(kDeviceFolder, ".yaml"); }

Device load_device(std::string_view name_or_path, std::string_view where) {
  const std::filesystem::path given(name_or_path);
  if (given.extension() == ".yaml") return read_device(find_resource(given));
  const auto names = device_names();
  for (const std::string& name : names)
    if (name == name_or_path)
      return read_device(find_resource(std::filesystem::path(kDeviceFolder) / (name + ".yaml")));
  throw ConfigError(
      fmt::format("{}: unknown device '{}'; did you mean '{}'? Known: {}. Or give a file of your own, "
                  "like {}/{}.yaml",
                  where, name_or_path, nearest_word(name_or_path, names), fmt::join(names, ", "),
                  kDeviceFolder, names.empty() ? "stm32f746" : names.front()));
}

}  // namespace tinynas::cost
