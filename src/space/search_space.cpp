#include "tinynas/space/search_space.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "space/choices.h"
#include "tinynas/core/error.h"

namespace tinynas::space {

int scaled_channels(int channels, double width, int divisor) {
  // MobileNetV2's rule (its reference code, _make_divisible): nearest multiple, but never below 90 %.
  const double wanted = channels * width;
  int rounded = std::max(divisor, static_cast<int>(wanted + divisor / 2.0) / divisor * divisor);
  if (rounded < 0.9 * wanted) rounded += divisor;
  return rounded;
}

SearchSpace restrict_to(const SearchSpace& space, int resolution_index, int width_index) {
  SearchSpace restricted = at_resolution(space, resolution_index);
  if (space.elastic_resolution) {
    restricted.resolutions.assign(space.resolutions.begin(),
                                  space.resolutions.begin() + resolution_index + 1);
    restricted.elastic_resolution = true;
  }
  restricted.widths = {width_of(space, width_index)};
  return restricted;
}

SearchSpace at_resolution(const SearchSpace& space, int resolution_index) {
  SearchSpace restricted = space;
  restricted.resolutions = {resolution_of(space, resolution_index)};
  restricted.elastic_resolution = false;
  return restricted;
}

std::string resolution_text(int smallest, int largest) {
  return smallest == 0 ? std::to_string(largest) : fmt::format("{}-{}", smallest, largest);
}

void refuse_choice(const SearchSpace& space, const ChoicePlace& place, int index, std::size_t count) {
  std::string where;
  if (place.stage >= 0) where += fmt::format(" of stage {}", place.stage);
  if (place.block >= 0) where += fmt::format(" block {}", place.block);
  throw ConfigError(
      fmt::format("space '{}': there is no choice {} for the {}{}, they are 0 .. {}; is it of another space?",
                  space.name, index, place.what, where, static_cast<int>(count) - 1));
}

int depth_of(const SearchSpace& space, const Genome& genome, int stage) {
  const auto s = at(stage);
  return chosen(space, space.stages[s].depths, genome.depth[s], {"depth", stage});
}

int kernel_of(const SearchSpace& space, const Genome& genome, int stage, int block) {
  return chosen(space, space.stages[at(stage)].kernels, genome.kernel[block_slot(stage, block)],
                {"kernel", stage, block});
}

double expansion_of(const SearchSpace& space, const Genome& genome, int stage, int block) {
  return chosen(space, space.stages[at(stage)].expansions, genome.expansion[block_slot(stage, block)],
                {"expansion", stage, block});
}

double stage_width_of(const SearchSpace& space, const Genome& genome, int stage) {
  const auto s = at(stage);
  return chosen(space, space.stages[s].widths, genome.stage_width[s], {"width", stage});
}

void canonicalize(const SearchSpace& space, Genome& genome) {
  for (int stage = 0; stage < kMaxStages; ++stage) {
    const bool exists = stage < stage_count(space);
    if (!exists) genome.depth[at(stage)] = genome.stage_width[at(stage)] = 0;
    for (int block = exists ? depth_of(space, genome, stage) : 0; block < kMaxBlocksPerStage; ++block)
      genome.kernel[block_slot(stage, block)] = genome.expansion[block_slot(stage, block)] = 0;
  }
}

bool contains(const SearchSpace& space, const Genome& genome) {
  if (genome.resolution >= space.resolutions.size() || genome.width >= space.widths.size()) return false;
  for (int stage = 0; stage < stage_count(space); ++stage) {
    const auto s = at(stage);
    const Stage& choices = space.stages[s];
    if (genome.depth[s] >= choices.depths.size() || genome.stage_width[s] >= choices.widths.size())
      return false;
    for (int block = 0; block < depth_of(space, genome, stage); ++block)
      if (genome.kernel[block_slot(stage, block)] >= choices.kernels.size() ||
          genome.expansion[block_slot(stage, block)] >= choices.expansions.size())
        return false;
  }
  Genome canonical = genome;
  canonicalize(space, canonical);
  return canonical == genome;
}

double log10_size(const SearchSpace& space) {
  double size = std::log10(space.resolutions.size()) + std::log10(space.widths.size());
  for (const Stage& stage : space.stages) {
    const auto block_choices = static_cast<double>(stage.kernels.size() * stage.expansions.size());
    double networks = 0;
    for (const int depth : stage.depths) networks += std::pow(block_choices, depth);
    size += std::log10(networks * static_cast<double>(stage.widths.size()));
  }
  return size;
}

}  // namespace tinynas::space
