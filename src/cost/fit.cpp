#include "tinynas/cost/fit.h"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <optional>

#include "cycle_terms.h"
#include "tinynas/core/error.h"
#include "tinynas/cost/kernels.h"

namespace tinynas::cost {

namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr std::array kFitted = {&CycleTerms::row,      &CycleTerms::line,        &CycleTerms::input,
                                &CycleTerms::output,   &CycleTerms::mac,         &CycleTerms::block,
                                &CycleTerms::inside,   &CycleTerms::block_input, &CycleTerms::block_output,
                                &CycleTerms::block_mac};
constexpr auto kTermCount = static_cast<Eigen::Index>(kFitted.size());
/// Blocks that kernels may work in; which one a kernel does, its cycles show.
constexpr std::array kWidths = {1, 2, 3, 4, 6, 8, 16};
constexpr std::array kDepths = {1, 4, 16};
constexpr std::array kHalves = {1.0, 0.75, 0.6, 0.5};
/// Below this many samples a row of terms is scaled, not fitted.
constexpr std::size_t kEnoughSamples = 6;
/// And so many samples are asked for each term.
constexpr Eigen::Index kSamplesPerTerm = 3;

/// What a layer would take if one term were 1 and the others 0; `unit` has the widths of blocks and no terms.
double count_of(double CycleTerms::*term, CycleTerms unit, const LayerWork& work) {
  unit.*term = 1;
  return linear_cycles(unit, work);
}

struct Solution {
  VectorXd terms;
  double squared_error = 0;
};

/// min |a x - y| with x >= 0 over every choice of columns: exact, and quick for so few. `a` and `y` are
/// reduced to as many rows as columns first.
Solution least_squares(const MatrixXd& a, const VectorXd& y) {
  const Eigen::HouseholderQR<MatrixXd> qr(a);
  const Eigen::Index rank = std::min(a.rows(), a.cols());
  const MatrixXd r = qr.matrixQR().topRows(rank).triangularView<Eigen::Upper>();
  const VectorXd projected = qr.householderQ().transpose() * y;
  const VectorXd reduced = projected.head(rank);
  const double rest = projected.tail(y.size() - rank).squaredNorm();
  Solution best{VectorXd::Zero(a.cols()), y.squaredNorm()};
  for (unsigned choice = 1; choice < 1U << a.cols(); ++choice) {
    if (kSamplesPerTerm * std::popcount(choice) > y.size()) continue;
    std::vector<Eigen::Index> columns;
    for (Eigen::Index c = 0; c < a.cols(); ++c)
      if (choice >> c & 1) columns.push_back(c);
    const MatrixXd chosen = r(Eigen::all, columns);
    const VectorXd x = chosen.colPivHouseholderQr().solve(reduced);
    const double squared_error = (chosen * x - reduced).squaredNorm() + rest;
    if ((x.array() < 0).any() || squared_error >= best.squared_error) continue;
    best = {VectorXd::Zero(a.cols()), squared_error};
    for (std::size_t i = 0; i < columns.size(); ++i) best.terms[columns[i]] = x[static_cast<Eigen::Index>(i)];
  }
  return best;
}

/// The best terms for blocks of one shape; relative errors count, so every row is divided by what was
/// measured.
Solution fit_blocks(const std::vector<const LayerSample*>& samples, const CycleTerms& blocks) {
  MatrixXd a(static_cast<Eigen::Index>(samples.size()), kTermCount);
  for (Eigen::Index i = 0; i < a.rows(); ++i)
    for (Eigen::Index t = 0; t < kTermCount; ++t) {
      const LayerSample& sample = *samples[static_cast<std::size_t>(i)];
      a(i, t) = count_of(kFitted[static_cast<std::size_t>(t)], blocks, sample.work) / sample.cycles;
    }
  const VectorXd scale = a.colwise().norm().cwiseMax(1e-300);
  const Solution solution = least_squares(a * scale.cwiseInverse().asDiagonal(), VectorXd::Ones(a.rows()));
  return {solution.terms.cwiseQuotient(scale), solution.squared_error};
}

CycleTerms fit_terms(const std::vector<const LayerSample*>& samples) {
  CycleTerms best;
  double least = std::numeric_limits<double>::infinity();
  const bool gathers = samples.front()->work.window > 0;
  for (const int width : kWidths)
    for (const int depth : kDepths)
      for (const double half : kHalves) {
        if ((depth > 1 && !gathers) || (half < 1 && width < 4)) continue;
        const CycleTerms blocks{.width = width, .half = half, .depth = depth};
        const Solution solution = fit_blocks(samples, blocks);
        if (solution.squared_error >= least) continue;
        least = solution.squared_error;
        best = blocks;
        for (std::size_t t = 0; t < kFitted.size(); ++t)
          best.*kFitted[t] = solution.terms[static_cast<Eigen::Index>(t)];
      }
  return best;
}

/// The factor f with the least sum of (f x predicted / measured - 1)^2; 1 without samples.
double best_factor(const std::vector<const LayerSample*>& samples, const CycleTable& base) {
  double sum = 0, squares = 0;
  for (const LayerSample* sample : samples) {
    const double ratio = linear_cycles(base[sample->row], sample->work) / sample->cycles;
    sum += ratio;
    squares += ratio * ratio;
  }
  return squares > 0 ? sum / squares : 1;
}

CycleTerms scaled(CycleTerms terms, double factor) {
  for (const auto term : kFitted) terms.*term *= factor;
  return terms;
}

}  // namespace

LayerSample layer_sample(const ir::Graph& graph, const ir::Layer& layer, KernelIsa isa, Cycles cycles) {
  return {cycle_row_for(graph, layer, isa), layer_work(graph, layer), cycles};
}

CycleTable fit_cycle_table(std::span<const LayerSample> samples, const CycleTable& base) {
  TINYNAS_CHECK(base.size() == kCycleRows * kernel_register().size(),
                "a cycle table has four rows per kernel");
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
    else if (!own.empty())
      table.push_back(scaled(base[row], best_factor(own, base)));
    else if (row % kCycleRows > 0 && base[row] == base[stand_in(base, row)])
      table.push_back(CycleTerms(table[stand_in(table, row)]));  // the forms never differed
    else
      table.push_back(scaled(base[row], factor));
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
    predicted.push_back(linear_cycles(table.at(sample.row), sample.work));
    measured.push_back(sample.cycles);
  }
  return fit_errors(predicted, measured);
}

}  // namespace tinynas::cost
