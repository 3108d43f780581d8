#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "tinynas/core/error.h"
#include "tinynas/cost/schedule.h"

namespace tinynas::cost {

InputMode parse_input_mode(std::string_view name, std::string_view where) {
  const auto found = std::ranges::find(kInputModes, name);
  if (found == kInputModes.end())
    throw ConfigError(fmt::format("{}: unknown way of input '{}'; expected one of {}", where, name,
                                  fmt::join(kInputModes, ", ")));
  return static_cast<InputMode>(found - kInputModes.begin());
}

}  // namespace tinynas::cost
