#pragma once

#include <algorithm>
#include <cstddef>

#include "tinynas/core/index.h"
#include "tinynas/space/search_space.h"

namespace tinynas::space {

inline int stage_count(const SearchSpace& space) { return static_cast<int>(space.stages.size()); }

/// Whether any stage's width is a choice.
inline bool has_stage_widths(const SearchSpace& space) {
  return std::any_of(space.stages.begin(), space.stages.end(),
                     [](const Stage& stage) { return stage.widths.size() > 1; });
}

/// Where a block's kernel and expansion stand in a Genome.
inline std::size_t block_slot(int stage, int block) { return at(stage * kMaxBlocksPerStage + block); }

}  // namespace tinynas::space
