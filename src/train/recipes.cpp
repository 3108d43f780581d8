#include "tinynas/train/recipes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "tinynas/core/error.h"

namespace tinynas::train {
namespace {

using Genomes = std::vector<space::Genome>;

/// `first`, and `count` random ones behind.
Genomes with_random(Genomes first, int count, const space::SearchSpace& space, Rng& rng) {
  for (int i = 0; i < count; ++i) first.push_back(space::sample(space, rng));
  return first;
}

Genomes draw_uniform(const space::SearchSpace& space, double, Rng& rng) {
  return with_random({}, 1, space, rng);
}

/// BigNAS, arXiv:2003.11142 section 3.1.
Genomes draw_sandwich(const space::SearchSpace& space, double, Rng& rng) {
  return with_random({space::largest(space), space::smallest(space)}, 2, space, rng);
}

constexpr double kMcunetLargest = 1 / 3.0;  // 150 of 450 epochs, MCUNet, arXiv:2007.10319 appendix E

Genomes draw_mcunet(const space::SearchSpace& space, double done, Rng& rng) {
  if (done < kMcunetLargest) return {space::largest(space)};
  return with_random({}, 4, space, rng);  // appendix E
}

/// Once-for-All's phases (its train_ofa_net.py): 180 epochs of the largest network, then kernels 120, depths
/// 25 + 120, expansions 25 + 120, with 1, 2 and 4 sub-networks a step. A stage's width is free when
/// expansions are, an elastic resolution throughout, as there.
struct Phase {
  double until;  ///< share of the training
  bool kernel, depth, expansion;
  int random;  ///< sub-networks beside the largest
};
constexpr double kAllEpochs = 180 + 120 + 145 + 145;
constexpr std::array kProgressive = {
    Phase{.until = 180 / kAllEpochs, .kernel = false, .depth = false, .expansion = false, .random = 0},
    Phase{.until = 300 / kAllEpochs, .kernel = true, .depth = false, .expansion = false, .random = 1},
    Phase{.until = 445 / kAllEpochs, .kernel = true, .depth = true, .expansion = false, .random = 2},
    Phase{.until = 2, .kernel = true, .depth = true, .expansion = true, .random = 4},
};

/// A random sub-network whose choices outside of the phase are the largest's.
space::Genome sample_phase(const Phase& phase, const space::SearchSpace& space, Rng& rng) {
  space::Genome genome = space::sample(space, rng);
  const space::Genome largest = space::largest(space);
  if (!phase.depth) {  // blocks that now exist beyond the drawn depth get choices of their own
    genome.depth = largest.depth;
    for (std::size_t s = 0; s < space.stages.size(); ++s)
      for (std::size_t b = 0; b < space::kMaxBlocksPerStage; ++b)
        genome.kernel[s * space::kMaxBlocksPerStage + b] =
            static_cast<std::uint8_t>(rng.below(space.stages[s].kernels.size()));
  }
  if (!phase.kernel) genome.kernel = largest.kernel;
  if (!phase.expansion) {
    genome.expansion = largest.expansion;
    genome.stage_width = largest.stage_width;
  }
  space::canonicalize(space, genome);
  return genome;
}

Genomes draw_progressive(const space::SearchSpace& space, double done, Rng& rng) {
  const Phase& phase =
      *std::find_if(kProgressive.begin(), kProgressive.end(), [&](const Phase& p) { return done < p.until; });
  Genomes genomes = {space::largest(space)};
  for (int i = 0; i < phase.random; ++i) genomes.push_back(sample_phase(phase, space, rng));
  return genomes;
}

/// The register. To add a recipe: a row here, and a line in docs/training.md.
constexpr std::array kRecipes = {
    RecipeRow{.name = "uniform", .draw = draw_uniform},
    RecipeRow{.name = "sandwich", .draw = draw_sandwich, .soft_labels = 1},  // BigNAS: soft labels only
    // Once-for-All: label loss + 1.0 x soft labels
    RecipeRow{.name = "progressive", .draw = draw_progressive, .soft_labels = 0.5},
    RecipeRow{.name = "mcunet", .draw = draw_mcunet, .sorts_at = kMcunetLargest},
};

}  // namespace

std::vector<std::string_view> recipe_names() {
  std::vector<std::string_view> names;
  for (const RecipeRow& row : kRecipes) names.push_back(row.name);
  return names;
}

const RecipeRow& recipe_row(const std::string& name) {
  const auto row =
      std::find_if(kRecipes.begin(), kRecipes.end(), [&](const RecipeRow& r) { return r.name == name; });
  if (row != kRecipes.end()) return *row;
  throw ConfigError(fmt::format("train.recipe: unknown recipe '{}'; did you mean '{}'? Known: {}", name,
                                nearest_word(name, recipe_names()), fmt::join(recipe_names(), ", ")));
}

bool sorts_channels(const RecipeRow& row, std::int64_t step, std::int64_t steps) {
  const auto is_before = [&](std::int64_t s) {
    return static_cast<double>(s) < row.sorts_at * static_cast<double>(steps);
  };
  return step > 0 && !is_before(step) && is_before(step - 1);
}

}  // namespace tinynas::train
