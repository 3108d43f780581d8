#include "space/choices.h"

namespace tinynas::space {
namespace {

template <typename T>
std::uint8_t draw(const std::vector<T>& choices, Rng& rng) {
  return static_cast<std::uint8_t>(rng.below(choices.size()));
}

void draw_block(const Stage& stage, std::size_t slot, Genome& genome, Rng& rng) {
  genome.kernel[slot] = draw(stage.kernels, rng);
  genome.expansion[slot] = draw(stage.expansions, rng);
}

/// Nothing is drawn where there is no choice, so that a space's sequence of networks does not depend on what
/// other spaces can vary.
std::uint8_t draw_width(const Stage& stage, Rng& rng) {
  return stage.widths.size() > 1 ? draw(stage.widths, rng) : 0;
}

template <typename T>
std::uint8_t last(const std::vector<T>& choices) {
  return static_cast<std::uint8_t>(choices.size() - 1);
}

}  // namespace

Genome sample(const SearchSpace& space, Rng& rng) {
  Genome genome;
  genome.resolution = draw(space.resolutions, rng);
  genome.width = draw(space.widths, rng);
  for (int s = 0; s < stage_count(space); ++s) {
    const Stage& stage = space.stages[at(s)];
    genome.depth[at(s)] = draw(stage.depths, rng);
    genome.stage_width[at(s)] = draw_width(stage, rng);
    const int depth = depth_of(space, genome, s);
    for (int b = 0; b < depth; ++b) draw_block(stage, block_slot(s, b), genome, rng);
  }
  return genome;
}

Genome mutate(const SearchSpace& space, const Genome& parent, double rate, Rng& rng) {
  Genome child = parent;
  if (space.resolutions.size() > 1 && rng.chance(rate)) child.resolution = draw(space.resolutions, rng);
  if (space.widths.size() > 1 && rng.chance(rate)) child.width = draw(space.widths, rng);
  for (int s = 0; s < stage_count(space); ++s) {
    const Stage& stage = space.stages[at(s)];
    if (rng.chance(rate)) child.depth[at(s)] = draw(stage.depths, rng);
    if (stage.widths.size() > 1 && rng.chance(rate)) child.stage_width[at(s)] = draw_width(stage, rng);
    const int inherited = depth_of(space, parent, s);
    for (int b = 0; b < depth_of(space, child, s); ++b) {
      const std::size_t slot = block_slot(s, b);
      if (b >= inherited) {  // a block the parent did not have: nothing to inherit
        draw_block(stage, slot, child, rng);
        continue;
      }
      if (rng.chance(rate)) child.kernel[slot] = draw(stage.kernels, rng);
      if (rng.chance(rate)) child.expansion[slot] = draw(stage.expansions, rng);
    }
  }
  canonicalize(space, child);
  return child;
}

Genome cross_over(const SearchSpace& space, const Genome& a, const Genome& b, Rng& rng) {
  const auto either = [&]() -> const Genome& { return rng.chance(0.5) ? a : b; };
  Genome child;
  child.resolution = either().resolution;
  child.width = either().width;
  for (int s = 0; s < stage_count(space); ++s) {
    const auto stage = at(s);
    child.depth[stage] = either().depth[stage];
    if (space.stages[stage].widths.size() > 1) child.stage_width[stage] = either().stage_width[stage];
    const int depth_a = depth_of(space, a, s), depth_b = depth_of(space, b, s);
    for (int block = 0; block < depth_of(space, child, s); ++block) {
      const std::size_t slot = block_slot(s, block);
      const bool both = block < depth_a && block < depth_b;
      const Genome& only = block < depth_a ? a : b;  // the parent that has the block
      child.kernel[slot] = (both ? either() : only).kernel[slot];
      child.expansion[slot] = (both ? either() : only).expansion[slot];
    }
  }
  return child;
}

Genome smallest(const SearchSpace&) { return {}; }

Genome largest(const SearchSpace& space) {
  Genome genome;
  genome.resolution = last(space.resolutions);
  genome.width = last(space.widths);
  for (int s = 0; s < stage_count(space); ++s) {
    const Stage& stage = space.stages[at(s)];
    genome.depth[at(s)] = last(stage.depths);
    genome.stage_width[at(s)] = last(stage.widths);
    for (int b = 0; b < depth_of(space, genome, s); ++b) {
      genome.kernel[block_slot(s, b)] = last(stage.kernels);
      genome.expansion[block_slot(s, b)] = last(stage.expansions);
    }
  }
  return genome;
}

}  // namespace tinynas::space
