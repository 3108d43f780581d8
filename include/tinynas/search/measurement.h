#pragma once

#include <limits>
#include <vector>

namespace tinynas::search {

/// A part of an answer: of the first `images` held-out images a network got `right` right.
struct Look {
  int images = 0, right = 0;
  friend bool operator==(const Look&, const Look&) = default;
};

/// What held-out images say of a network.
struct Measurement {
  double accuracy = 0;        ///< percent
  double standard_error = 0;  ///< of it, percent points
  int images = 0;             ///< evaluated; 0: not known, the accuracy is exact
  int all = 0;                ///< that there are to look at
  /// The looks on the way, so that a question with a lower cutoff can tell whether they are enough.
  std::vector<Look> looks = {};
  friend bool operator==(const Measurement&, const Measurement&) = default;
};

/// Below every accuracy: look at all images.
constexpr double kNoCutoff = -std::numeric_limits<double>::infinity();

/// Sizes of the looks at `images` held-out images: 512, twice that, ..., all.
std::vector<int> look_sizes(int images);

/// Whether a network can be left alone after this look: its accuracy is below `cutoff` (percent) for all that
/// chance is likely to do, by three standard errors (Agresti and Coull 1998, which has one for 0 of n, too).
bool is_below(const Look& look, double cutoff);

/// Accuracy and standard error sqrt(p (1 - p) / n) after the last of some looks at images, of which there are
/// `all`.
Measurement measurement_of(std::vector<Look> looks, int all);

}  // namespace tinynas::search
