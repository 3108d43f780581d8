#pragma once

#include <cstdint>
#include <vector>

#include "tinynas/search/draw.h"
#include "tinynas/search/objectives.h"
#include "tinynas/search/problem.h"

namespace tinynas::search {

struct Nsga2Options {
  std::vector<Objective> objectives = {};  ///< two or more
  int population = 100;
  int generations = 30;
  double crossover_share = 0.9;  ///< of the children; the others are mutants of one parent
  double mutation_rate = 0.1;    ///< also of crossed children
  int max_tries = 2000;
  std::uint64_t seed = 1;
};

/// Several objectives at once: NSGA-II (Deb 2002) by ask and tell. Parents win tournaments of two by front,
/// then by crowding distance; of parents and children together the best `population` survive. No network is
/// asked twice.
class Nsga2 {
 public:
  Nsga2(Problem problem, Nsga2Options options);
  std::vector<Proposal> ask();
  void tell(std::span<const Evaluation> evaluations);
  const FeasibleDraws& draws() const { return draws_; }
  /// The survivors, best front first.
  const std::vector<Evaluation>& population() const { return population_; }
  /// Volume dominated by the survivors, as a share of the box between the origin and the worst values of
  /// generation 0.
  double hypervolume_share() const;

 private:
  const space::Genome& tournament(Rng& rng) const;
  space::Genome child(std::size_t slot, Rng& rng) const;

  Nsga2Options options_;
  Rng rng_;
  FeasibleDraws draws_;
  std::vector<Evaluation> population_;
  std::vector<int> front_;        // of each survivor
  std::vector<double> crowding_;  // of each survivor
  Point reference_;               // worst values of generation 0
  int generation_ = 0;
};

/// NSGA-II as a strategy for run_search, with "hypervolume" and "front" (size of the first one) among its
/// figures.
Strategy nsga2(const Problem& problem, const Nsga2Options& options);

}  // namespace tinynas::search
