#include "quant/clipping.h"

#include <algorithm>
#include <numeric>

#include "quant/basics.h"

namespace tinynas::quant {
namespace {

constexpr int kCandidates = 64;        // ends tried on each side
constexpr double kSmallestKept = 0.2;  // of each side of the range
constexpr double kCutShare = 1e-4;     // of all values, by central_part()

/// Sums over the bins below an index, so that the error of any clipping costs a few operations.
class Moments {
 public:
  explicit Moments(const Histogram& histogram)
      : low_(histogram.range.min),
        width_((static_cast<double>(histogram.range.max) - histogram.range.min) /
               static_cast<double>(histogram.counts.size())) {
    for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
      const double x = low_ + (static_cast<double>(i) + 0.5) * width_;
      const auto n = static_cast<double>(histogram.counts[i]);
      const Sums& last = below_.back();
      below_.push_back({last.n + n, last.x + n * x, last.xx + n * x * x});
    }
  }

  /// Squared error of rounding the values within [low, high] to 8 bits and clipping the rest.
  double error(double low, double high) const {
    const Sums& first = below_[bin(low)];
    const Sums& last = below_[bin(high)];
    const Sums& all = below_.back();
    const double step = (high - low) / kSteps;
    return (last.n - first.n) * step * step / 12 + squares(first, low) +
           squares({all.n - last.n, all.x - last.x, all.xx - last.xx}, high);
  }

 private:
  struct Sums {
    double n = 0, x = 0, xx = 0;
  };

  /// Sum of (x - end)^2.
  static double squares(const Sums& s, double end) { return s.xx - 2 * end * s.x + end * end * s.n; }

  std::size_t bin(double x) const {
    const double index = (x - low_) / width_ + 0.5;
    return static_cast<std::size_t>(std::clamp(index, 0.0, static_cast<double>(below_.size() - 1)));
  }

  double low_, width_;
  std::vector<Sums> below_{Sums{}};
};

}  // namespace

Range clip_outliers(const Histogram& histogram) {
  if (!(histogram.range.max > histogram.range.min)) return histogram.range;
  const Moments moments(histogram);
  const auto kept = [](int i) { return 1 - (1 - kSmallestKept) * i / kCandidates; };
  Range best = histogram.range;
  double least = moments.error(best.min, best.max);
  for (int i = 0; i < kCandidates; ++i)
    for (int j = 0; j < (histogram.range.min == 0 ? 1 : kCandidates); ++j) {
      const double low = kept(j) * histogram.range.min;
      const double high = kept(i) * histogram.range.max;
      const double error = moments.error(low, high);
      if (error >= least) continue;
      least = error;
      best = {static_cast<float>(low), static_cast<float>(high)};
    }
  return best;
}

Range central_part(const Histogram& histogram) {
  const Range& range = histogram.range;
  const auto bins = static_cast<int>(histogram.counts.size());
  const double width = (static_cast<double>(range.max) - range.min) / bins;
  const double all = std::accumulate(histogram.counts.begin(), histogram.counts.end(), 0.0);
  const double cut = kCutShare * all / (range.min < 0 && range.max > 0 ? 2 : 1);
  const auto count = [&](int bin) { return static_cast<double>(histogram.counts[at(bin)]); };
  int first = 0, last = bins - 1;
  for (double seen = 0; first < last && range.min < 0 && (seen += count(first)) <= cut;) ++first;
  for (double seen = 0; first < last && range.max > 0 && (seen += count(last)) <= cut;) --last;
  return {.min = static_cast<float>(range.min + first * width),
          .max = static_cast<float>(range.max - (bins - 1 - last) * width)};
}

}  // namespace tinynas::quant
