#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

#include "tinynas/core/index.h"
#include "tinynas/space/search_space.h"

namespace tinynas::space {

inline int stage_count(const SearchSpace& space) { return static_cast<int>(space.stages.size()); }

/// Whether any stage's width is a choice.
inline bool has_stage_widths(const SearchSpace& space) {
  return std::any_of(space.stages.begin(), space.stages.end(),
                     [](const Stage& stage) { return stage.widths.size() > 1; });
}

/// Whose choice it is, for messages; -1: of the whole network, or of the whole stage.
struct ChoicePlace {
  std::string_view what;
  int stage = -1, block = -1;
};
[[noreturn]] void refuse_choice(const SearchSpace& space, const ChoicePlace& place, int index,
                                std::size_t count);

/// What an entry of a genome stands for. Throws ConfigError if the list has no such choice.
template <typename T>
const T& chosen(const SearchSpace& space, const std::vector<T>& choices, int index,
                const ChoicePlace& place) {
  if (index < 0 || at(index) >= choices.size()) refuse_choice(space, place, index, choices.size());
  return choices[at(index)];
}
inline int resolution_of(const SearchSpace& space, int index) {
  return chosen(space, space.resolutions, index, {"resolution"});
}
inline double width_of(const SearchSpace& space, int index) {
  return chosen(space, space.widths, index, {"width"});
}

/// Where a block's kernel and expansion stand in a Genome.
inline std::size_t block_slot(int stage, int block) { return at(stage * kMaxBlocksPerStage + block); }

}  // namespace tinynas::space
