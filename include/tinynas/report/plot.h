#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tinynas::report {

enum class Mark { kLine, kSteps, kDots };

/// How a series stands out: one of the palette's colours, or grey in the background.
enum class Tone { kFirst, kSecond, kThird, kMuted };

struct Series {
  std::string name;  ///< in the legend; empty: not listed
  std::vector<double> x, y;
  Mark mark = Mark::kLine;
  Tone tone = Tone::kFirst;
};

/// A plot with two linear axes whose ticks are round numbers.
struct Plot {
  std::string title, x_label, y_label;
  std::vector<Series> series;  ///< drawn in this order
};

/// An <svg> element that scales to the width it is given; it leans on svg_style().
std::string svg(const Plot& plot);
/// CSS for every drawing of this module, light and dark.
std::string_view svg_style();
/// A drawing as a file of its own: XML header, name space, style.
std::string standalone_svg(const std::string& svg);

/// Round tick positions that cover [low, high]: steps of 1, 2 or 5 times a power of ten, about `wanted` of
/// them.
std::vector<double> ticks(double low, double high, int wanted);

/// & < > " as entities.
std::string escape(std::string_view text);

}  // namespace tinynas::report
