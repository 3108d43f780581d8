#include "tinynas/search/cached_oracle.h"

#include <memory>
#include <unordered_map>

#include "tinynas/core/error.h"

namespace tinynas::search {

AccuracyOracle remember(AccuracyOracle oracle) {
  auto known = std::make_shared<std::unordered_map<space::Genome, double>>();
  return [known, oracle = std::move(oracle)](std::span<const space::Genome> genomes, const StopToken& stop) {
    std::vector<space::Genome> unknown;
    for (const space::Genome& genome : genomes)
      if (!known->contains(genome)) unknown.push_back(genome);
    if (!unknown.empty()) {
      const std::vector<double> found = oracle(unknown, stop);
      TINYNAS_CHECK(found.size() == unknown.size(), "the oracle answers for every network it is asked about");
      for (std::size_t i = 0; i < unknown.size(); ++i) known->emplace(unknown[i], found[i]);
    }
    std::vector<double> accuracies;
    for (const space::Genome& genome : genomes) accuracies.push_back(known->at(genome));
    return accuracies;
  };
}

}  // namespace tinynas::search
