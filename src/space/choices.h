#pragma once

#include <cstddef>

#include "tinynas/space/search_space.h"

namespace tinynas::space {

inline int stage_count(const SearchSpace& space) { return static_cast<int>(space.stages.size()); }

/// Where a block's kernel and expansion stand in a Genome.
inline std::size_t block_slot(int stage, int block) {
  return static_cast<std::size_t>(stage * kMaxBlocksPerStage + block);
}

}  // namespace tinynas::space
