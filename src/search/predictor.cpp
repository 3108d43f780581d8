#include "tinynas/search/predictor.h"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "tinynas/core/error.h"
#include "tinynas/core/rng.h"

namespace tinynas::search {
namespace {

struct Samples {
  Eigen::MatrixXd features;    // a row per network
  Eigen::VectorXd accuracies;  // percent
};

struct Fit {
  double mean = 0;
  Eigen::VectorXd weights;
};

/// All that ridge regression needs to know of some samples; differences leave a fold out without a second
/// pass.
struct Moments {
  Eigen::MatrixXd gram;           // X'X
  Eigen::VectorXd products, sum;  // X'y, X'1
  double accuracies = 0, count = 0;

  explicit Moments(Eigen::Index features)
      : gram(Eigen::MatrixXd::Zero(features, features)),
        products(Eigen::VectorXd::Zero(features)),
        sum(Eigen::VectorXd::Zero(features)) {}

  void add(const Samples& samples, Eigen::Index row, double sign = 1) {
    const Eigen::VectorXd x = samples.features.row(row).transpose();
    const double y = samples.accuracies[row];
    gram.selfadjointView<Eigen::Lower>().rankUpdate(x, sign);
    products += sign * y * x;
    sum += sign * x;
    accuracies += sign * y;
    count += sign;
  }

  /// w = (X'X + penalty I)^-1 X'(y - mean).
  Fit solve(double penalty) const {
    Fit fit{.mean = accuracies / count, .weights = {}};
    Eigen::MatrixXd normal = gram;
    normal.diagonal().array() += penalty;
    fit.weights = normal.selfadjointView<Eigen::Lower>().llt().solve(products - fit.mean * sum);
    return fit;
  }
};

/// Moments of everything, and of everything without each fold.
struct FoldedMoments {
  Moments all;
  std::vector<Moments> without;

  FoldedMoments(const Samples& samples, const std::vector<int>& fold_of, int folds)
      : all(samples.features.cols()) {
    for (std::size_t i = 0; i < fold_of.size(); ++i) all.add(samples, static_cast<Eigen::Index>(i));
    without.assign(static_cast<std::size_t>(folds), all);
    for (std::size_t i = 0; i < fold_of.size(); ++i)
      without[static_cast<std::size_t>(fold_of[i])].add(samples, static_cast<Eigen::Index>(i), -1);
  }

  /// The prediction for every network by a fit that did not see it.
  Eigen::VectorXd held_out_predictions(const Samples& samples, const std::vector<int>& fold_of,
                                       double penalty) const {
    std::vector<Fit> fits;
    for (const Moments& moments : without) fits.push_back(moments.solve(penalty));
    Eigen::VectorXd predicted(samples.accuracies.size());
    for (std::size_t i = 0; i < fold_of.size(); ++i) {
      const Fit& fit = fits[static_cast<std::size_t>(fold_of[i])];
      const auto row = static_cast<Eigen::Index>(i);
      predicted[row] = fit.mean + samples.features.row(row).dot(fit.weights);
    }
    return predicted;
  }
};

/// Folds of equal size, at random.
std::vector<int> draw_folds(std::size_t count, int folds, std::uint64_t seed) {
  std::vector<int> fold_of(count);
  for (std::size_t i = 0; i < count; ++i) fold_of[i] = static_cast<int>(i % static_cast<std::size_t>(folds));
  Rng(seed).fork("folds").shuffle(std::span(fold_of));
  return fold_of;
}

Samples collect(const space::SearchSpace& space, std::span<const Evaluation> evaluations) {
  const auto features = static_cast<Eigen::Index>(one_hot(space, evaluations.front().genome).size());
  Samples samples{.features = Eigen::MatrixXd(static_cast<Eigen::Index>(evaluations.size()), features),
                  .accuracies = Eigen::VectorXd(static_cast<Eigen::Index>(evaluations.size()))};
  for (std::size_t i = 0; i < evaluations.size(); ++i) {
    const std::vector<double> row = one_hot(space, evaluations[i].genome);
    samples.features.row(static_cast<Eigen::Index>(i)) =
        Eigen::Map<const Eigen::RowVectorXd>(row.data(), features);
    samples.accuracies[static_cast<Eigen::Index>(i)] = evaluations[i].accuracy;
  }
  return samples;
}

std::span<const double> as_span(const Eigen::VectorXd& vector) {
  return {vector.data(), static_cast<std::size_t>(vector.size())};
}

}  // namespace

double kendall_tau(std::span<const double> a, std::span<const double> b) {
  TINYNAS_CHECK(a.size() == b.size(), "rank correlation is of two series of equal length");
  std::int64_t balance = 0, untied_a = 0, untied_b = 0;  // pairs
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      const int order_a = (a[i] > a[j]) - (a[i] < a[j]), order_b = (b[i] > b[j]) - (b[i] < b[j]);
      balance += order_a * order_b;
      untied_a += order_a != 0;
      untied_b += order_b != 0;
    }
  if (untied_a == 0 || untied_b == 0) return 0;
  return static_cast<double>(balance) /
         std::sqrt(static_cast<double>(untied_a) * static_cast<double>(untied_b));
}

std::vector<double> one_hot(const space::SearchSpace& space, const space::Genome& genome) {
  std::vector<double> features;
  const auto mark = [&](std::size_t choices, int chosen) {  // chosen < 0: none
    for (std::size_t i = 0; i < choices; ++i) features.push_back(static_cast<int>(i) == chosen ? 1 : 0);
  };
  mark(space.resolutions.size(), genome.resolution);
  mark(space.widths.size(), genome.width);
  for (std::size_t s = 0; s < space.stages.size(); ++s) {
    const space::Stage& stage = space.stages[s];
    mark(stage.depths.size(), genome.depth[s]);
    if (stage.widths.size() > 1) mark(stage.widths.size(), genome.stage_width[s]);
    const int depth = stage.depths[genome.depth[s]];
    for (int block = 0; block < stage.depths.back(); ++block) {
      const std::size_t slot = s * space::kMaxBlocksPerStage + static_cast<std::size_t>(block);
      mark(stage.kernels.size(), block < depth ? genome.kernel[slot] : -1);
      mark(stage.expansions.size(), block < depth ? genome.expansion[slot] : -1);
    }
  }
  return features;
}

AccuracyPredictor AccuracyPredictor::fit(const space::SearchSpace& space,
                                         std::span<const Evaluation> evaluations,
                                         const PredictorOptions& options) {
  if (options.folds < 2 || evaluations.size() < 2 * static_cast<std::size_t>(options.folds))
    throw ConfigError(
        fmt::format("predictor: {} evaluations in {} folds; it takes 2 or more folds of 2 or more each",
                    evaluations.size(), options.folds));
  const Samples samples = collect(space, evaluations);
  const std::vector<int> fold_of = draw_folds(evaluations.size(), options.folds, options.seed);

  const FoldedMoments moments(samples, fold_of, options.folds);

  AccuracyPredictor predictor;
  predictor.space_ = space;
  double least = std::numeric_limits<double>::infinity();
  for (const double penalty : options.penalties) {
    const Eigen::VectorXd predicted = moments.held_out_predictions(samples, fold_of, penalty);
    const double error =
        (predicted - samples.accuracies).squaredNorm() / static_cast<double>(evaluations.size());
    if (error >= least) continue;
    least = error;
    predictor.penalty_ = penalty;
    predictor.held_out_error_ = std::sqrt(error);
    predictor.held_out_predictions_.assign(predicted.begin(), predicted.end());
    predictor.held_out_tau_ = kendall_tau(as_span(predicted), as_span(samples.accuracies));
  }
  const Fit fit = moments.all.solve(predictor.penalty_);
  predictor.mean_ = fit.mean;
  predictor.weights_.assign(fit.weights.begin(), fit.weights.end());
  return predictor;
}

std::vector<double> expected_accuracies(const AccuracyPredictor& predictor,
                                        std::span<const Evaluation> evaluations) {
  const std::vector<double>& predicted = predictor.held_out_predictions();
  TINYNAS_CHECK(predicted.size() == evaluations.size(), "the evaluations are not those of the fit");
  double noise = 0;  // mean squared error of the measurements
  for (const Evaluation& evaluation : evaluations)
    noise += evaluation.standard_error * evaluation.standard_error / static_cast<double>(evaluations.size());
  // What the predictor misses beside the noise of the accuracies it is compared with.
  const double missed = std::max(0.0, predictor.held_out_error() * predictor.held_out_error() - noise);
  std::vector<double> expected;
  for (std::size_t i = 0; i < evaluations.size(); ++i) {
    const double own = evaluations[i].standard_error * evaluations[i].standard_error;
    const double trust = own > 0 ? missed / (missed + own) : 1;  // in the measurement
    expected.push_back(trust * evaluations[i].accuracy + (1 - trust) * predicted[i]);
  }
  return expected;
}

double AccuracyPredictor::predict(const space::Genome& genome) const {
  const std::vector<double> features = one_hot(space_, genome);
  return std::inner_product(features.begin(), features.end(), weights_.begin(), mean_);
}

}  // namespace tinynas::search
