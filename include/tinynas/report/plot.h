#pragma once

#include <string>
#include <vector>

namespace tinynas::report {

enum class Mark { kLine, kSteps, kDots, kStar };

/// How a series stands out: colours of svg.h, grey in the background, or the winner.
enum class Tone { kFirst, kSecond, kThird, kFourth, kFifth, kSixth, kMuted, kWinner };

struct Series {
  std::string name = {};  ///< in the legend; empty: not listed
  std::vector<double> x, y = {};
  Mark mark = Mark::kLine;
  Tone tone = Tone::kFirst;
  std::string note = {};  ///< shown when pointed at; empty: the name
};

/// A plot with two linear axes whose ticks are round numbers.
struct Plot {
  std::string title, x_label, y_label = {};
  std::string description = {};  ///< for readers who do not see it: what it shows, in a sentence
  bool y_from_zero = false;
  std::vector<Series> series = {};  ///< drawn in this order
};

/// An <svg> element that scales to the width it is given. Points that are not finite are left out.
std::string svg(const Plot& plot);

}  // namespace tinynas::report
