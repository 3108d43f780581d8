#include "tinynas/search/cached_oracle.h"

#include <memory>
#include <optional>
#include <unordered_map>

#include "tinynas/core/error.h"

namespace tinynas::search {

namespace {

/// What a new measurement with this cutoff would be, if the looks of this one are enough to know.
std::optional<Measurement> answer(const Measurement& known, double cutoff) {
  if (known.looks.empty()) return known;  // exact
  for (std::size_t i = 0; i < known.looks.size(); ++i)
    if (known.looks[i].images == known.all || is_below(known.looks[i], cutoff))
      return measurement_of({known.looks.begin(), known.looks.begin() + static_cast<std::ptrdiff_t>(i) + 1},
                            known.all);
  return std::nullopt;
}

}  // namespace

AccuracyOracle remember(AccuracyOracle oracle) {
  const auto memory = std::make_shared<std::unordered_map<space::Genome, Measurement>>();
  return [memory, oracle = std::move(oracle)](std::span<const space::Genome> genomes, double cutoff,
                                              const StopToken& stop) {
    std::vector<std::optional<Measurement>> answers(genomes.size());
    std::vector<space::Genome> unknown;
    for (std::size_t i = 0; i < genomes.size(); ++i) {
      const auto found = memory->find(genomes[i]);
      if (found != memory->end()) answers[i] = answer(found->second, cutoff);
      if (!answers[i]) unknown.push_back(genomes[i]);
    }
    if (!unknown.empty()) {
      const std::vector<Measurement> measured = oracle(unknown, cutoff, stop);
      TINYNAS_CHECK(measured.size() == unknown.size(),
                    "the oracle answers for every network it is asked about");
      for (std::size_t i = 0; i < unknown.size(); ++i) memory->insert_or_assign(unknown[i], measured[i]);
    }
    std::vector<Measurement> result;
    for (std::size_t i = 0; i < genomes.size(); ++i)
      result.push_back(answers[i] ? *answers[i] : memory->at(genomes[i]));
    return result;
  };
}

}  // namespace tinynas::search
