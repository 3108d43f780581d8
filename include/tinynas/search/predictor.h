#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tinynas/search/problem.h"

namespace tinynas::search {

/// Kendall's tau-b of two series of equal length: 1 the same order, -1 the reverse, 0 no relation (also if
/// one of them is constant). Kendall 1945, with the correction for ties.
double kendall_tau(std::span<const double> a, std::span<const double> b);

/// A genome as 0/1 numbers, one per choice it could have made: resolution, width, each stage's depth and
/// (where it is a choice) width, and each block's kernel and expansion (all 0 for a block it does not have).
std::vector<double> one_hot(const space::SearchSpace& space, const space::Genome& genome);

struct PredictorOptions {
  /// Ridge penalties tried; cross-validation keeps the one with the smallest squared error.
  std::vector<double> penalties = {0.1, 0.3, 1, 3, 10, 30, 100};
  int folds = 5;
  std::uint64_t seed = 1;  ///< of the folds
};

/// Accuracy of a network from its choices alone: ridge regression on one_hot. Microseconds instead of the
/// seconds that the supernet takes, so that candidates can be screened.
class AccuracyPredictor {
 public:
  /// Needs at least two evaluations per fold.
  static AccuracyPredictor fit(const space::SearchSpace& space, std::span<const Evaluation> evaluations,
                               const PredictorOptions& options = {});
  /// Percent.
  double predict(const space::Genome& genome) const;

  /// Kendall's tau between predictions and accuracies of evaluations that were held out of the fit (every one
  /// is, in one fold): how far its order can be trusted.
  double held_out_tau() const { return held_out_tau_; }
  /// Root of the mean squared error on them, in percent points.
  double held_out_error() const { return held_out_error_; }
  double penalty() const { return penalty_; }
  /// What the fit without a network's own fold says of it, percent: one per evaluation of fit(), in their
  /// order.
  const std::vector<double>& held_out_predictions() const { return held_out_predictions_; }

 private:
  space::SearchSpace space_;
  std::vector<double> weights_;
  double mean_ = 0;  ///< of the accuracies; the weights explain the rest
  std::vector<double> held_out_predictions_;
  double penalty_ = 0, held_out_tau_ = 0, held_out_error_ = 0;
};

/// The accuracy to expect of each evaluated network on images it was not measured on, percent. The best of
/// many measured accuracies owes part of its lead to luck; so each is drawn towards the predictor's held-out
/// word on it, the more the larger its standard error is beside the error of the predictor (empirical Bayes:
/// Efron and Morris 1973). `evaluations` are those of the fit.
std::vector<double> expected_accuracies(const AccuracyPredictor& predictor,
                                        std::span<const Evaluation> evaluations);

}  // namespace tinynas::search
