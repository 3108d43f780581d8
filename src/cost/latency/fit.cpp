#include "tinynas/cost/fit.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>

#include "tinynas/core/error.h"
#include "tinynas/cost/kernels.h"

namespace tinynas::cost {

namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr auto kTerms = static_cast<Eigen::Index>(kTermCount);
/// Below this many samples a row of terms is scaled, not fitted.
constexpr std::size_t kEnoughSamples = 6;
/// Samples wanted for each term that is fitted.
constexpr Eigen::Index kSamplesPerTerm = 3;

using Columns = std::vector<Eigen::Index>;

/// min |a x - y| over the columns of a given as a' a and a' y.
VectorXd solve(const MatrixXd& squares, const VectorXd& products, const Columns& columns) {
  return MatrixXd(squares(columns, columns))
      .completeOrthogonalDecomposition()
      .solve(VectorXd(products(columns)));
}

/// min |a x - y| with x >= 0 and at most `most` of them above 0, as long as that many improve it: the active
/// sets of Lawson and Hanson, "Solving least squares problems" (1974), chapter 23.
VectorXd nonnegative_least_squares(const MatrixXd& a, const VectorXd& y, std::size_t most) {
  constexpr double kSlope = 1e-9;  // less does not count: rounding
  constexpr int kMostSteps = 200;
  const MatrixXd squares = a.transpose() * a;
  const VectorXd products = a.transpose() * y;
  VectorXd x = VectorXd::Zero(a.cols());
  Columns columns;
  for (int step = 0; step < kMostSteps && columns.size() < most; ++step) {
    Eigen::Index steepest = 0;
    VectorXd slope = products - squares * x;
    for (const Eigen::Index c : columns) slope[c] = 0;
    if (slope.maxCoeff(&steepest) <= kSlope) break;
    columns.push_back(steepest);
    for (VectorXd to = solve(squares, products, columns); !columns.empty();
         to = solve(squares, products, columns)) {
      double share = 1;  // of the way there, until one becomes 0
      for (std::size_t i = 0; i < columns.size(); ++i)
        if (const double from = x[columns[i]], end = to[static_cast<Eigen::Index>(i)]; end <= 0)
          share = std::min(share, from / (from - end));
      for (std::size_t i = 0; i < columns.size(); ++i)
        x[columns[i]] += share * (to[static_cast<Eigen::Index>(i)] - x[columns[i]]);
      if (share == 1) break;
      std::erase_if(columns, [&](Eigen::Index c) {
        const bool gone = x[c] <= 1e-12;
        if (gone) x[c] = 0;
        return gone;
      });
    }
  }
  return x;
}

/// The terms >= 0 with the least sum of squared relative errors: every row is divided by what was measured.
CycleTerms fit_terms(const std::vector<const LayerSample*>& samples) {
  MatrixXd a(static_cast<Eigen::Index>(samples.size()), kTerms);
  for (Eigen::Index i = 0; i < a.rows(); ++i)
    for (Eigen::Index t = 0; t < kTerms; ++t) {
      const LayerSample& sample = *samples[static_cast<std::size_t>(i)];
      a(i, t) = sample.work[static_cast<Term>(t)] / sample.cycles;
    }
  const VectorXd scale = a.colwise().norm().cwiseMax(1e-300);
  const auto most = static_cast<std::size_t>(std::max<Eigen::Index>(1, a.rows() / kSamplesPerTerm));
  const VectorXd terms =
      nonnegative_least_squares(a * scale.cwiseInverse().asDiagonal(), VectorXd::Ones(a.rows()), most)
          .cwiseQuotient(scale);
  CycleTerms best;
  for (Eigen::Index t = 0; t < kTerms; ++t) best[static_cast<Term>(t)] = terms[t];
  return best;
}

/// The factor f with the least sum of (f x predicted / measured - 1)^2; 1 without samples.
double best_factor(const std::vector<const LayerSample*>& samples, const CycleTable& base) {
  double sum = 0, squares = 0;
  for (const LayerSample* sample : samples) {
    const double ratio = cycles_of(base[sample->row], sample->work) / sample->cycles;
    sum += ratio;
    squares += ratio * ratio;
  }
  return squares > 0 ? sum / squares : 1;
}

CycleTerms scaled(CycleTerms terms, double factor) {
  for (double& value : terms.values) value *= factor;
  return terms;
}

}  // namespace

LayerSample layer_sample(const ir::Graph& graph, const ir::Layer& layer, KernelIsa isa, Cycles cycles) {
  return {cycle_row_for(graph, layer, isa), layer_work(graph, layer, isa), cycles};
}

CycleTable fit_cycle_table(std::span<const LayerSample> samples) {
  std::vector<std::vector<const LayerSample*>> of_row(kCycleRows * kernel_register().size());
  for (const LayerSample& sample : samples) of_row.at(sample.row).push_back(&sample);
  CycleTable table;
  for (const auto& own : of_row) table.push_back(own.empty() ? CycleTerms{} : fit_terms(own));
  return table;
}

CycleTable fit_cycle_table(std::span<const LayerSample> samples, const CycleTable& base) {
  TINYNAS_CHECK(base.size() == kCycleRows * kernel_register().size(),
                "a cycle table has two rows per kernel");
  std::vector<std::vector<const LayerSample*>> of_row(base.size());
  std::vector<const LayerSample*> all;
  for (const LayerSample& sample : samples) {
    of_row.at(sample.row).push_back(&sample);
    all.push_back(&sample);
  }
  const double factor = best_factor(all, base);
  CycleTable table;
  for (std::size_t row = 0; row < base.size(); ++row) {
    const auto& own = of_row[row];
    if (own.size() >= kEnoughSamples)
      table.push_back(fit_terms(own));
    else
      table.push_back(scaled(base[row], own.empty() ? factor : best_factor(own, base)));
    if (!own.empty()) table.back().fitted = true;
  }
  return table;
}

FitErrors fit_errors(std::span<const double> predicted, std::span<const double> measured) {
  FitErrors errors{.count = measured.size()};
  std::vector<double> sizes;
  for (std::size_t i = 0; i < measured.size(); ++i) {
    sizes.push_back(std::abs(predicted[i] / measured[i] - 1));
    if (sizes.back() > errors.worst) errors.worst = sizes.back(), errors.worst_at = i;
  }
  if (sizes.empty()) return errors;
  const auto middle = sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() / 2);
  std::nth_element(sizes.begin(), middle, sizes.end());
  errors.median = *middle;
  return errors;
}

FitErrors fit_errors(const CycleTable& table, std::span<const LayerSample> samples) {
  std::vector<double> predicted, measured;
  for (const LayerSample& sample : samples) {
    predicted.push_back(cycles_of(table.at(sample.row), sample.work));
    measured.push_back(sample.cycles);
  }
  return fit_errors(predicted, measured);
}

}  // namespace tinynas::cost
