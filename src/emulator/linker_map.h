#pragma once

#include <set>
#include <string>
#include <string_view>

#include "tinynas/emulator/emulator.h"

namespace tinynas::emulator {

/// Sums the input sections that a GNU ld map (-Wl,-Map) lists as linked, for the given object files (by file
/// name). What --gc-sections dropped, start-up and libc do not count.
LinkedSizes sizes_from_map(std::string_view map, const std::set<std::string>& objects,
                           std::string_view arena_section);

}  // namespace tinynas::emulator
