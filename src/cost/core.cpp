#include "tinynas/cost/core.h"

#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tinynas/core/error.h"
#include "tinynas/core/files.h"

namespace tinynas::cost {

Core parse_core(std::string_view name, std::string_view where) {
  for (const CoreInfo& core : kCores)
    if (core.name == name) return core.core;
  std::vector<std::string_view> names;
  for (const CoreInfo& core : kCores) names.push_back(core.name);
  throw ConfigError(fmt::format("{}: unknown core '{}'; did you mean '{}'? Known: {}", where, name,
                                nearest_word(name, names), fmt::join(names, ", ")));
}

}  // namespace tinynas::cost
