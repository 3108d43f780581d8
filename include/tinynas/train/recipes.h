#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tinynas/core/rng.h"
#include "tinynas/space/search_space.h"

/// The register of recipes. It knows nothing of LibTorch: a build without it reads configs too.
namespace tinynas::train {

/// A way to train a supernet: which sub-networks a step trains, and how they learn. One row each;
/// docs/training.md says what they are good for.
struct RecipeRow {
  std::string_view name;
  /// The sub-networks of one step; their gradients are averaged. `done` is the share of the training before
  /// it, [0, 1).
  std::vector<space::Genome> (*draw)(const space::SearchSpace& space, double done, Rng& rng) = nullptr;
  /// Weight of the soft labels of the step's first sub-network for the others, [0, 1]; 0: they learn the
  /// labels alone.
  double soft_labels = 0;
  /// Share of the training after which channels are sorted by importance, once; 0: never.
  double sorts_at = 0;
};
/// ConfigError names the nearest one.
const RecipeRow& recipe_row(const std::string& name);
std::vector<std::string_view> recipe_names();

/// Whether channels are sorted before step `step` of `steps`.
bool sorts_channels(const RecipeRow& row, std::int64_t step, std::int64_t steps);

}  // namespace tinynas::train
