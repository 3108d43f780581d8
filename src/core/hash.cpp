#include "tinynas/core/hash.h"

#include <fmt/format.h>

namespace tinynas {

std::string hex(std::uint64_t value) { return fmt::format("{:016x}", value); }

}  // namespace tinynas
