#include "tinynas/cost/instructions.h"

#include <string>

#include "tinynas/core/files.h"
#include "tinynas/core/yaml.h"

namespace tinynas::cost {

namespace {

constexpr double kMostInstructionCycles = 100;  // no instruction takes more

}  // namespace

EventCycles load_event_cycles(Core core) {
  const yaml::Node file = yaml::Node::load(find_resource("configs/calibration/instruction_cycles.yaml"));
  EventCycles cycles{};
  for (const CoreInfo& info : kCores) {
    const yaml::Node row = file.at(std::string(info.name));
    for (const EventInfo& event : kEvents) {
      const double value =
          row.at(std::string(event.name)).number(-kMostInstructionCycles, kMostInstructionCycles);
      if (info.core == core) cycles[static_cast<std::size_t>(event.event)] = value;
    }
  }
  file.finish();
  return cycles;
}

Cycles estimated_cycles(const EventCounts& counts, const EventCycles& cycles) {
  Cycles sum = 0;
  for (std::size_t i = 0; i < cycles.size(); ++i) sum += static_cast<double>(counts.counts[i]) * cycles[i];
  return sum;
}

}  // namespace tinynas::cost
