#pragma once

#include <algorithm>
#include <cmath>
#include <string>

#include "support/text.h"
#include "tinynas/core/log.h"
#include "tinynas/search/problem.h"
#include "tinynas/search/run.h"
#include "tinynas/space/lower.h"

namespace tinynas::test {

/// A search logs a line per generation; tests run hundreds of them.
inline const bool kQuiet = (set_log_level(LogLevel::kWarning), true);

inline space::SearchSpace search_space(const std::string& depths = "[1, 2, 3]") {
  return space::SearchSpace::read(yaml::Node::parse(R"(name: tiny
resolutions: [12]
widths: [1.0]
stem: { channels: 8, stride: 2 }
kernels: [3, 5, 7]
expansions: [2, 3, 4]
depths: )" + depths + R"(
stages:
  - { channels: 16, stride: 2 }
  - { channels: 24 }
)",
                                                    "tiny.yaml"));
}

/// Weights as Flash and latency, the largest tensor as SRAM: no kernels, no planner.
inline space::CostFactory simple_cost() {
  return [] {
    return [](const ir::Graph& graph) {
      cost::Footprint cost;
      cost.macs = ir::graph_macs(graph);
      for (const ir::Layer& layer : graph.layers) cost.params += ir::layer_weights(graph, layer);
      cost.flash_bytes = cost.params;
      cost.latency_ms = static_cast<double>(cost.macs) * 1e-5;
      for (const ir::Shape& tensor : graph.tensors)
        cost.sram_bytes = std::max(cost.sram_bytes, tensor.bytes());
      return cost;
    };
  };
}

inline search::Problem search_problem(const cost::Budget& budget, const std::string& depths = "[1, 2, 3]") {
  return {.space = search_space(depths),
          .task = {.input_channels = 1, .classes = 4},
          .budget = budget,
          .cost = simple_cost()};
}

/// A stand-in for a supernet: larger kernels and expansions help, with diminishing returns and one
/// interaction, so that neither the largest nor a greedy choice is best under a budget.
inline double toy_accuracy(const space::SearchSpace& space, const space::Genome& genome) {
  double sum = 0;
  for (int s = 0; s < static_cast<int>(space.stages.size()); ++s)
    for (int b = 0; b < space::depth_of(space, genome, s); ++b) {
      const double kernel = space::kernel_of(space, genome, s, b),
                   expansion = space::expansion_of(space, genome, s, b);
      sum += (s == 0 ? 0.5 : 1.0) * std::sqrt(kernel) + (b == 0 ? 1.2 : 0.4) * std::sqrt(expansion);
    }
  return 50 + 3 * sum;
}

inline search::AccuracyOracle toy_oracle(const space::SearchSpace& space) {
  return [space](std::span<const space::Genome> genomes, double, const StopToken&) {
    std::vector<search::Measurement> exact;
    for (const space::Genome& genome : genomes) exact.push_back({.accuracy = toy_accuracy(space, genome)});
    return exact;
  };
}

/// A limit that about half of the networks of search_space() meet.
constexpr cost::Budget kSearchBudget{.sram_bytes = {}, .flash_bytes = 9000};

inline search::SearchResult run_toy(const search::Problem& problem, const search::Strategy& strategy) {
  return search::run_search(problem, strategy, toy_oracle(problem.space), {});
}

}  // namespace tinynas::test
