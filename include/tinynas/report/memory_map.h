#pragma once

#include <string>

#include "tinynas/report/profile.h"
#include "tinynas/report/table.h"

namespace tinynas::report {

/// Which bytes of the arena hold something that is still needed, over the time of one inference: a shape per
/// tensor and kernel scratch, coloured by kind; the sum of live bytes below it.
std::string memory_map_svg(const Profile& profile);

/// The memory map in words: one row per place of the arena, lowest bytes first.
Table memory_table(const Profile& profile);

}  // namespace tinynas::report
