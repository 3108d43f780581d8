#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "tinynas/core/error.h"
#include "tinynas/core/rng.h"
#include "tinynas/space/lower.h"
#include "tinynas/train/stages.h"

/// Which networks of a space a rank correlation is taken over.
namespace tinynas::bench {

/// Drawn to know the space's multiply-accumulates, and to choose from.
inline constexpr int kDraws = 4096;
/// Half the width of the band around the median, where size says next to nothing about accuracy.
inline constexpr double kBand = 0.15;

struct Network {
  space::Genome genome;
  Macs macs = 0;
};

struct Choice {
  std::vector<Network> networks;
  double median_macs = 0;
  bool in_band(const Network& network) const {
    return std::abs(static_cast<double>(network.macs) - median_macs) <= kBand * median_macs;
  }
};

/// Different networks of the space, by multiply-accumulates.
inline std::vector<Network> draw_many(const train::Context& context, Rng& rng) {
  std::set<space::Genome> genomes;
  for (int i = 0; i < kDraws; ++i) genomes.insert(space::sample(context.space, rng));
  std::vector<Network> networks;
  ir::Graph graph;
  for (const space::Genome& genome : genomes) {
    space::lower(context.space, context.task, genome, graph);
    networks.push_back({.genome = genome, .macs = ir::graph_macs(graph)});
  }
  std::ranges::stable_sort(networks, {}, &Network::macs);
  return networks;
}

/// One network of each of count / 2 equal shares of the space by multiply-accumulates, the rest from the
/// band.
inline Choice choose_networks(const train::Context& context, int count) {
  Rng rng = Rng(context.seed).fork("rank correlation");
  std::vector<Network> drawn = draw_many(context, rng);
  Choice choice{.networks = {}, .median_macs = static_cast<double>(drawn[drawn.size() / 2].macs)};
  const std::size_t wanted = static_cast<std::size_t>(count), strata = wanted / 2;
  std::vector<Network> band;
  for (std::size_t s = 0; s < strata; ++s) {
    const std::size_t from = s * drawn.size() / strata, to = (s + 1) * drawn.size() / strata;
    const std::size_t chosen = from + rng.below(std::max<std::uint64_t>(to - from, 1));
    choice.networks.push_back(drawn[chosen]);
    for (std::size_t i = from; i < to; ++i)
      if (i != chosen && choice.in_band(drawn[i])) band.push_back(drawn[i]);
  }
  if (drawn.size() < wanted || strata + band.size() < wanted)
    throw ConfigError(fmt::format("--genomes {}: the space has too few networks ({} drawn, {} in the band)",
                                  count, drawn.size(), band.size()));
  rng.shuffle(std::span(band));
  choice.networks.insert(choice.networks.end(), band.begin(),
                         band.begin() + static_cast<std::ptrdiff_t>(wanted - strata));
  return choice;
}

}  // namespace tinynas::bench
