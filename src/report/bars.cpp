#include "report/bars.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "report/axis.h"
#include "report/text.h"
#include "tinynas/report/svg.h"

namespace tinynas::report {
namespace {

constexpr int kTones = 6;  // t1..t6 of svg.h, then again from the first

std::string meter_class(const Meter& meter) {
  return meter.share && *meter.share > 1 ? "tile missed" : "tile";
}

}  // namespace

std::string svg(const StackedBar& bar) {
  constexpr double kWidth = 560, kLeft = 2, kRight = 2, kBarTop = 34, kBarHeight = 26;
  constexpr double kLegendTop = 84, kLegendLine = 20, kColumn = 292;
  const double total =
      std::accumulate(bar.parts.begin(), bar.parts.end(), 0.0,
                      [](double sum, const StackedBar::Part& part) { return sum + part.value; });
  const std::size_t lines = (bar.parts.size() + 1) / 2;  // of the legend, in two columns
  std::string out =
      svg_open(kWidth, kLegendTop + kLegendLine * static_cast<double>(lines), bar.title, bar.description);
  out += svg_text(kLeft, 18, "title", "start", bar.title);
  double x = kLeft;
  for (std::size_t i = 0; i < bar.parts.size(); ++i) {
    const StackedBar::Part& part = bar.parts[i];
    const double share = total > 0 ? part.value / total : 0, width = share * (kWidth - kLeft - kRight);
    const std::string tone = fmt::format("t{}", i % kTones + 1);
    out += fmt::format(
        "<rect class='bar {}' x='{:.1f}' y='{}' width='{:.1f}' height='{}'><title>{}: {}</title></rect>\n",
        tone, x, kBarTop, std::max(0.5, width - 1), kBarHeight, escape(part.name), escape(part.text));
    const double lx = kLeft + (i < lines ? 0 : kColumn);
    const double ly = kLegendTop + kLegendLine * static_cast<double>(i < lines ? i : i - lines);
    out +=
        fmt::format("<rect class='bar {}' x='{:.1f}' y='{:.1f}' width='11' height='11'/>", tone, lx, ly - 10);
    out += svg_text(lx + 18, ly, "ink", "start", part.name);
    out += svg_text(lx + 205, ly, "label", "end", part.text) +
           svg_text(lx + 262, ly, "label", "end", percent(share));
    x += width;
  }
  return out + "</svg>\n";
}

std::string svg(const DotColumn& column) {
  constexpr double kWidth = 640, kLeft = 100, kRight = 250, kTop = 34, kLine = 30, kBottom = 44;
  const double bottom = kTop + kLine * static_cast<double>(column.items.size());
  std::vector<double> values;
  for (const DotColumn::Item& item : column.items) values.push_back(item.value);
  const Axis x = make_axis(values, {.begin = kLeft, .end = kWidth - kRight, .ticks = 6});
  std::string out = svg_open(kWidth, bottom + kBottom, column.title, column.description);
  out += svg_text(16, 18, "title", "start", column.title);
  for (const double tick : x.at) {
    out += svg_line(x.place(tick), kTop, x.place(tick), bottom, "grid");
    out += svg_text(x.place(tick), bottom + 16, "tick", "middle", tick_text(tick));
  }
  out += svg_text((x.begin + x.end) / 2, bottom + 36, "label", "middle", column.x_label);
  std::string path;
  for (std::size_t i = 0; i < column.items.size(); ++i)
    path += fmt::format("{}{:.1f} {:.1f}", i == 0 ? "M" : "L", x.place(column.items[i].value),
                        kTop + kLine * (static_cast<double>(i) + 0.5));
  out += fmt::format("<path class='line tm' d='{}'/>\n", path);
  for (std::size_t i = 0; i < column.items.size(); ++i) {
    const DotColumn::Item& item = column.items[i];
    const double y = kTop + kLine * (static_cast<double>(i) + 0.5);
    out += svg_text(16, y + 4, item.marked ? "strong" : "ink", "start", item.name);
    out += fmt::format("<circle class='key {}' cx='{:.1f}' cy='{:.1f}' r='{}'/>", item.marked ? "tw" : "tm",
                       x.place(item.value), y, item.marked ? 7 : 5);
    out += svg_text(x.place(item.value) + 13, y + 4, item.marked ? "strong" : "ink", "start", item.text);
    out += svg_text(kWidth - 8, y + 4, "label", "end", item.note) + "\n";
  }
  return out + "</svg>\n";
}

std::string to_html(const Meter& meter) {
  std::string out = fmt::format("<div class='{}'><div class='name'>{}</div><div class='figure'>{}</div>",
                                meter_class(meter), escape(meter.name), escape(meter.used));
  if (meter.share)
    out += fmt::format(
        "<div class='meter' role='img' aria-label='{0} of the limit'><i style='width:{1:.1f}%'></i></div>",
        percent(*meter.share), 100 * std::clamp(*meter.share, 0.0, 1.0));
  if (!meter.limit.empty()) out += fmt::format("<div class='limit'>{}</div>", escape(meter.limit));
  return out + "</div>\n";
}

}  // namespace tinynas::report
