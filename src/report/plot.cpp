#include "tinynas/report/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace tinynas::report {
namespace {

constexpr double kWidth = 640, kHeight = 320;
constexpr double kLeft = 58, kRight = 14, kTop = 34, kBottom = 44;
constexpr std::array<std::string_view, 4> kToneClasses = {"a", "b", "c", "m"};

std::string_view tone_class(Tone tone) { return kToneClasses[static_cast<std::size_t>(tone)]; }

struct Axis {
  double low = 0, high = 1;   // values at the ends
  double begin = 0, end = 1;  // their places in the drawing
  std::vector<double> at;
  double place(double value) const { return begin + (value - low) / (high - low) * (end - begin); }
};

Axis make_axis(const Plot& plot, std::vector<double> Series::*values, double begin, double end,
               int wanted_ticks) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const Series& series : plot.series)
    for (const double value : series.*values) low = std::min(low, value), high = std::max(high, value);
  if (!(low <= high)) low = 0, high = 1;
  if (low == high) low -= 0.5, high += 0.5;
  Axis axis{.begin = begin, .end = end, .at = ticks(low, high, wanted_ticks)};
  axis.low = std::min(low, axis.at.front());
  axis.high = std::max(high, axis.at.back());
  return axis;
}

std::string grid(const Plot& plot, const Axis& x, const Axis& y) {
  std::string out;
  for (const double tick : y.at) {
    out += fmt::format("<line class='grid' x1='{:.1f}' x2='{:.1f}' y1='{:.1f}' y2='{:.1f}'/>", x.begin, x.end,
                       y.place(tick), y.place(tick));
    out += fmt::format("<text class='tick' x='{:.1f}' y='{:.1f}' text-anchor='end'>{:g}</text>", x.begin - 6,
                       y.place(tick) + 4, tick);
  }
  for (const double tick : x.at)
    out += fmt::format("<text class='tick' x='{:.1f}' y='{:.1f}' text-anchor='middle'>{:g}</text>",
                       x.place(tick), y.begin + 16, tick);
  out += fmt::format("<line class='axis' x1='{:.1f}' x2='{:.1f}' y1='{:.1f}' y2='{:.1f}'/>", x.begin, x.end,
                     y.begin, y.begin);
  out += fmt::format("<text class='label' x='{:.1f}' y='{:.1f}' text-anchor='middle'>{}</text>",
                     (x.begin + x.end) / 2, kHeight - 8, escape(plot.x_label));
  out += fmt::format(
      "<text class='label' x='14' y='{0:.1f}' text-anchor='middle' transform='rotate(-90 14 "
      "{0:.1f})'>{1}</text>",
      (y.begin + y.end) / 2, escape(plot.y_label));
  return out;
}

std::string dots(const Series& series, const Axis& x, const Axis& y) {
  std::string out;
  for (std::size_t i = 0; i < series.x.size(); ++i)
    out += fmt::format("<circle class='dot {}' cx='{:.1f}' cy='{:.1f}' r='2.6'/>", tone_class(series.tone),
                       x.place(series.x[i]), y.place(series.y[i]));
  return out;
}

std::string line(const Series& series, const Axis& x, const Axis& y) {
  std::string path;
  for (std::size_t i = 0; i < series.x.size(); ++i) {
    const double px = x.place(series.x[i]), py = y.place(series.y[i]);
    if (i == 0)
      path += fmt::format("M{:.1f} {:.1f}", px, py);
    else if (series.mark == Mark::kSteps)
      path += fmt::format("H{:.1f}V{:.1f}", px, py);
    else
      path += fmt::format("L{:.1f} {:.1f}", px, py);
  }
  return path.empty() ? path : fmt::format("<path class='line {}' d='{}'/>", tone_class(series.tone), path);
}

/// Names in a row at the upper right, each with its colour before it.
std::string legend(const Plot& plot) {
  constexpr double kCharacter = 6.6, kKey = 22;
  std::string out;
  double at = kWidth - kRight;
  for (auto series = plot.series.rbegin(); series != plot.series.rend(); ++series) {
    if (series->name.empty()) continue;
    at -= kCharacter * static_cast<double>(series->name.size()) + kKey;
    out += fmt::format(
        "<circle class='key {}' cx='{:.1f}' cy='18' r='5'/><text class='label' x='{:.1f}' y='22'>{}</text>",
        tone_class(series->tone), at + 6, at + 15, escape(series->name));
  }
  return out;
}

}  // namespace

std::vector<double> ticks(double low, double high, int wanted) {
  const double rough = (high - low) / std::max(1, wanted);
  const double power = std::pow(10, std::floor(std::log10(rough)));
  const double ratio = rough / power;
  const double step = power * (ratio <= 1 ? 1 : ratio <= 2 ? 2 : ratio <= 5 ? 5 : 10);
  std::vector<double> at;
  constexpr double kSlack = 1e-9;  // of a step: 0.3 / 0.1 is not 3
  const auto first = static_cast<std::int64_t>(std::floor(low / step + kSlack));
  const auto last = static_cast<std::int64_t>(std::ceil(high / step - kSlack));
  for (std::int64_t i = first; i <= last; ++i) at.push_back(static_cast<double>(i) * step);
  return at;
}

std::string svg(const Plot& plot) {
  const Axis x = make_axis(plot, &Series::x, kLeft, kWidth - kRight, 8);
  const Axis y = make_axis(plot, &Series::y, kHeight - kBottom, kTop, 5);
  std::string out = fmt::format("<svg class='plot' viewBox='0 0 {} {}' role='img' aria-label='{}'>", kWidth,
                                kHeight, escape(plot.title));
  out += fmt::format("<text class='title' x='{}' y='22'>{}</text>", kLeft, escape(plot.title));
  out += grid(plot, x, y);
  for (const Series& series : plot.series)
    out += series.mark == Mark::kDots ? dots(series, x, y) : line(series, x, y);
  return out + legend(plot) + "</svg>\n";
}

std::string_view svg_style() {
  return "svg{--a:#0b6bcb;--b:#d97706;--c:#15803d;--m:#9aa3ad;--ink:#1f2933;--soft:#5b6770;--rule:#e3e7eb;--"
         "paper:#fff;"
         "font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}\n"
         "@media(prefers-color-scheme:dark){svg{--a:#5aa9f5;--b:#f0a546;--c:#5fc37e;--m:#66717d;--ink:#"
         "e6eaee;--soft:#a7b1bb;--rule:#2f3943;--paper:#161b21}}\n"
         "svg .a{--tone:var(--a)}svg .b{--tone:var(--b)}svg .c{--tone:var(--c)}svg .m{--tone:var(--m)}\n"
         "svg .line{fill:none;stroke:var(--tone);stroke-width:2;stroke-linejoin:round}svg "
         ".line.m{stroke-width:1;opacity:.45}\n"
         "svg .dot{fill:var(--tone);opacity:.45}svg .key,svg .bar{fill:var(--tone)}\n"
         "svg .grid{stroke:var(--rule)}svg .axis{stroke:var(--soft)}\n"
         "svg .tick{font-size:11px;fill:var(--soft)}svg .label{font-size:12px;fill:var(--soft)}\n"
         "svg .title{font-size:13px;font-weight:600;fill:var(--ink)}svg "
         ".small{font-size:9px;fill:var(--ink)}\n"
         "svg .box{fill:var(--tone);fill-opacity:.28;stroke:var(--tone);stroke-width:.8}\n"
         "svg .limit{stroke:#c2410c;stroke-dasharray:5 4}svg .limit-text{font-size:11px;fill:#c2410c}\n";
}

std::string standalone_svg(const std::string& svg) {
  const auto name_end = svg.find("<svg") + 4;
  const auto tag_end = svg.find('>') + 1;
  return "<?xml version='1.0' encoding='UTF-8'?>\n<svg xmlns='http://www.w3.org/2000/svg'" +
         svg.substr(name_end, tag_end - name_end) + "<style>" + escape(svg_style()) +
         "</style><rect width='100%' height='100%' style='fill:var(--paper)'/>" + svg.substr(tag_end);
}

std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace tinynas::report
