#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "tinynas/search/draw.h"
#include "tinynas/search/predictor.h"
#include "tinynas/search/problem.h"

namespace tinynas::search {

/// Defaults as in MCUNet (arXiv:2007.10319, appendix: population 100, 20 parents, half crossover, half
/// mutation, rate 0.1, 30 generations).
struct EvolutionOptions {
  int population = 100;
  int generations = 30;
  int parents = 20;
  double crossover_share = 0.5;
  double mutation_rate = 0.1;
  int max_tries = 2000;  ///< draws for one child before its slot stays empty
  /// Candidates drawn for each one evaluated; above 1, a predictor fitted on the evaluations so far picks the
  /// most promising, and parents and winner are chosen by expected_accuracies instead of the measured ones.
  int screening = 1;
  std::uint64_t seed = 1;
};

/// Evolution by ask and tell. Generation 0 is random; each later one are children of the best `parents` of
/// everything evaluated so far. No network is asked twice.
class Evolution {
 public:
  Evolution(Problem problem, const EvolutionOptions& options);
  /// The next generation; empty when all are done or nothing new fits.
  std::vector<Proposal> ask();
  void tell(std::span<const Evaluation> evaluations);
  /// The worst parent's accuracy: networks below it leave no children. kNoCutoff while parents are missing.
  double cutoff() const;
  /// The best of everything evaluated so far; none before the first tell.
  std::optional<Evaluation> winner() const;
  /// Number of generations asked for so far.
  int generation() const { return generation_; }
  const FeasibleDraws& draws() const { return draws_; }
  /// The predictor fitted on the evaluations so far, where candidates are screened and enough is known.
  const std::optional<AccuracyPredictor>& predictor() const { return predictor_; }

 private:
  space::Genome child(std::size_t slot, Rng& rng) const;
  void screen(std::vector<Proposal>& candidates);
  bool rank_by_expectation();
  void keep_parents();
  EvolutionOptions options_;
  Rng rng_;
  FeasibleDraws draws_;
  std::vector<Evaluation> best_;       ///< the best so far, best first, at most `parents`
  std::vector<Evaluation> evaluated_;  ///< all so far, if they are needed for screening
  std::optional<AccuracyPredictor> predictor_;
  int generation_ = 0;
};

/// Random networks that fit, in batches: the baseline of equal evaluations.
struct RandomOptions {
  int evaluations = 3000;
  int batch = 100;
  int max_tries = 2000;
  std::uint64_t seed = 1;
};

/// Both as strategies for run_search.
Strategy evolution(const Problem& problem, const EvolutionOptions& options);
Strategy random_search(const Problem& problem, const RandomOptions& options);

}  // namespace tinynas::search
