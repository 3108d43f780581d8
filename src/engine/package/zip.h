#pragma once

#include <string>
#include <vector>

#include "tinynas/engine/firmware.h"

namespace tinynas::engine {

/// A zip archive of the files, stored without compression and dated 1 January 1980: same files, same bytes,
/// whatever the version of the compressor.
std::string zip(const std::vector<GeneratedFile>& files);

}  // namespace tinynas::engine
