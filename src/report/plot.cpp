#include "tinynas/report/plot.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "report/axis.h"
#include "report/text.h"
#include "tinynas/core/error.h"
#include "tinynas/report/svg.h"

namespace tinynas::report {
namespace {

constexpr double kPlotWidth = 560, kPlotHeight = 250;
constexpr double kPlotLeft = 62, kPlotRight = 16, kPlotBottom = 46;
constexpr double kPlotTitleBaseline = 18, kPlotLegendTop = 40, kPlotLegendLine = 19, kPlotBelowLegend = 14;
constexpr double kKeyRoom = 20, kKeyGap = 16, kFontPx = 12;

std::string_view tone_class(Tone tone) {
  constexpr std::array<std::string_view, 8> kClasses = {"t1", "t2", "t3", "t4", "t5", "t6", "tm", "tw"};
  return kClasses[static_cast<std::size_t>(tone)];
}

struct Frame {
  Axis x, y;
};

std::string grid(const Plot& plot, const Frame& f) {
  std::string out;
  for (const double tick : f.y.at) {
    out += svg_line(f.x.begin, f.y.place(tick), f.x.end, f.y.place(tick), "grid");
    out += svg_text(f.x.begin - 8, f.y.place(tick) + 4, "tick", "end", tick_text(tick));
  }
  for (const double tick : f.x.at)
    out += svg_text(f.x.place(tick), f.y.begin + 17, "tick", "middle", tick_text(tick));
  out += svg_line(f.x.begin, f.y.begin, f.x.end, f.y.begin, "axis");
  out += svg_text((f.x.begin + f.x.end) / 2, f.y.begin + 37, "label", "middle", plot.x_label);
  const double middle = (f.y.begin + f.y.end) / 2;
  return out + fmt::format(
                   "<text class='label' x='14' y='{0:.1f}' text-anchor='middle' "
                   "transform='rotate(-90 14 {0:.1f})'>{1}</text>\n",
                   middle, escape(plot.y_label));
}

template <typename Draw>
void for_each_point(const Series& series, const Frame& f, Draw&& draw) {
  for (std::size_t i = 0; i < series.x.size(); ++i)
    if (std::isfinite(series.x[i]) && std::isfinite(series.y[i]))
      draw(f.x.place(series.x[i]), f.y.place(series.y[i]));
}

/// All dots in one path, each a line of no length with round ends: a search has thousands, and an element
/// each would make the page ten times as long.
std::string dots(const Series& series, const Frame& f) {
  std::string path;
  for_each_point(series, f, [&](double x, double y) { path += fmt::format("M{:.1f} {:.1f}h0", x, y); });
  return path.empty() ? path : fmt::format("<path class='dot {}' d='{}'", tone_class(series.tone), path);
}

std::string line(const Series& series, const Frame& f) {
  std::string path;
  for_each_point(series, f, [&](double x, double y) {
    if (path.empty())
      path += fmt::format("M{:.1f} {:.1f}", x, y);
    else if (series.mark == Mark::kSteps)
      path += fmt::format("H{:.1f}V{:.1f}", x, y);
    else
      path += fmt::format("L{:.1f} {:.1f}", x, y);
  });
  return path.empty() ? path : fmt::format("<path class='line {}' d='{}'", tone_class(series.tone), path);
}

/// A five-pointed star as a path.
std::string star_path(double x, double y, double radius) {
  constexpr double kPi = 3.14159265358979323846, kInner = 0.45;  // of the radius
  std::string path;
  for (int i = 0; i < 10; ++i) {
    const double r = i % 2 == 0 ? radius : kInner * radius, angle = kPi * i / 5;
    path +=
        fmt::format("{}{:.1f} {:.1f}", i == 0 ? "M" : "L", x + r * std::sin(angle), y - r * std::cos(angle));
  }
  return path + "Z";
}

std::string stars(const Series& series, const Frame& f) {
  std::string path;
  for_each_point(series, f, [&](double x, double y) { path += star_path(x, y, 9); });
  return path.empty() ? path : fmt::format("<path class='star {}' d='{}'", tone_class(series.tone), path);
}

std::string draw(const Series& series, const Frame& f) {
  TINYNAS_CHECK(series.x.size() == series.y.size(), "a series needs as many x as y");
  const std::string shape = series.mark == Mark::kDots   ? dots(series, f)
                            : series.mark == Mark::kStar ? stars(series, f)
                                                         : line(series, f);
  if (shape.empty()) return shape;
  const std::string& note = series.note.empty() ? series.name : series.note;
  return note.empty() ? shape + "/>\n" : shape + fmt::format("><title>{}</title></path>\n", escape(note));
}

struct Legend {
  std::string drawing;
  int lines = 0;
};

std::string legend_key(const Series& series, double x, double y) {
  const std::string_view tone = tone_class(series.tone);
  if (series.mark == Mark::kDots)
    return fmt::format("<circle class='key {}' cx='{:.1f}' cy='{:.1f}' r='4'/>", tone, x + 7, y - 4);
  if (series.mark == Mark::kStar)
    return fmt::format("<path class='star {}' d='{}'/>", tone, star_path(x + 7, y - 4, 7));
  return svg_line(x, y - 4, x + 14, y - 4, fmt::format("line {}", tone));
}

/// Names below the title, each behind its mark, in as many lines as they need.
Legend legend(const Plot& plot) {
  Legend legend;
  double x = kPlotWidth;  // the first name opens the first line
  for (auto at = plot.series.rbegin(); at != plot.series.rend(); ++at) {  // what is drawn last lies on top
    const Series& series = *at;
    if (series.name.empty()) continue;
    const bool winner = series.tone == Tone::kWinner;
    constexpr double kBold = 1.12;  // as wide again as regular
    const double width = kKeyRoom + text_width(series.name, kFontPx) * (winner ? kBold : 1);
    if (legend.lines == 0 || x + width > kPlotWidth - kPlotRight) {
      x = kPlotLeft;
      ++legend.lines;
    }
    const double y = kPlotLegendTop + (legend.lines - 1) * kPlotLegendLine;
    legend.drawing += legend_key(series, x, y) +
                      svg_text(x + kKeyRoom, y, winner ? "label strong" : "label", "start", series.name);
    x += width + kKeyGap;
  }
  return legend;
}

}  // namespace

std::string svg(const Plot& plot) {
  const Legend names = legend(plot);
  const double top = kPlotLegendTop + (names.lines - 1) * kPlotLegendLine + kPlotBelowLegend;
  std::vector<double> xs, ys;
  for (const Series& series : plot.series) {
    xs.insert(xs.end(), series.x.begin(), series.x.end());
    ys.insert(ys.end(), series.y.begin(), series.y.end());
  }
  const Frame frame = {
      .x = make_axis(xs, {.begin = kPlotLeft, .end = kPlotWidth - kPlotRight, .ticks = 8, .tight = true}),
      .y =
          make_axis(ys, {.begin = top + kPlotHeight, .end = top, .ticks = 5, .from_zero = plot.y_from_zero})};
  std::string out = svg_open(kPlotWidth, top + kPlotHeight + kPlotBottom, plot.title, plot.description);
  out += svg_text(kPlotLeft, kPlotTitleBaseline, "title", "start", plot.title);
  out += names.drawing + grid(plot, frame);
  for (const Series& series : plot.series) out += draw(series, frame);
  return out + "</svg>\n";
}

}  // namespace tinynas::report
