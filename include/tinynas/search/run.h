#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tinynas/core/progress.h"
#include "tinynas/search/problem.h"

namespace tinynas::search {

struct RunOptions {
  std::filesystem::path history = {};  ///< JSONL file, continued if it is there; empty: none is kept
  /// Whatever else must be equal to continue a history: a hash of config and weights.
  std::string identity = {};
  int batch = 10;  ///< networks per call of the oracle: what a kill can lose
};

/// One generation (one batch asked for), for logs and plots.
struct GenerationSummary {
  int generation = 0;
  int evaluations = 0;       ///< so far
  double best_accuracy = 0;  ///< so far, percent
  double images = 0;         ///< mean number of images evaluated for each of its networks
  Figures figures = {};      ///< what the strategy says of itself
};

struct SearchResult {
  std::vector<Evaluation> history = {};             ///< in the order evaluated
  std::vector<GenerationSummary> generations = {};  ///< one per batch asked for
  /// The strategy's winner, or the largest accuracy; empty: nothing fits, and `infeasible` says why.
  std::optional<Evaluation> best = {};
  std::optional<space::Infeasible> infeasible = {};
};

/// Asks `strategy`, evaluates by `oracle`, tells, until the strategy has no more. With a history file,
/// evaluations that stand in it are not repeated, and a run that was killed gives the same history as one
/// that was not. Throws ConfigError if the history is of another problem, strategy or seed, or if a function
/// of strategy or oracle is missing, InterruptedError when stopped (after the batch at hand). front_of
/// (objectives.h) gives the Pareto front of the result's history.
SearchResult run_search(const Problem& problem, const Strategy& strategy, const AccuracyOracle& oracle,
                        const RunOptions& options, const ProgressFn& progress = {},
                        const StopToken& stop = {});

/// The largest accuracy up to each evaluation.
std::vector<double> best_so_far(std::span<const Evaluation> history);

}  // namespace tinynas::search
