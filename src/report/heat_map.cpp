#include "tinynas/report/heat_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/text.h"
#include "tinynas/core/error.h"
#include "tinynas/report/svg.h"

namespace tinynas::report {
namespace {

constexpr double kHeatLeft = 74, kHeatRight = 12, kHeatTop = 34, kHeatBottom = 48;
constexpr double kHeatWidth = 560, kCellHeight = 22, kGap = 1;
/// Opacity of the smallest and the largest value; the smallest still differs from the paper.
constexpr double kPalest = 0.08, kDarkest = 0.95;
/// From here on the ground is dark enough for text in the colour of the paper.
constexpr double kDarkGround = 0.68;

struct Range {
  double low = 0, high = 0;
};

Range range_of(const HeatMap& map) {
  Range range{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
  for (const HeatMap::Cell& cell : map.cells) {
    if (!std::isfinite(cell.value)) continue;
    range.low = std::min(range.low, cell.value);
    range.high = std::max(range.high, cell.value);
  }
  return range;
}

double opacity(double value, const Range& range) {
  const double share = range.high > range.low ? (value - range.low) / (range.high - range.low) : 1;
  return kPalest + share * (kDarkest - kPalest);
}

struct Box {
  double x = 0, y = 0, width = 0;
};

std::string draw(const HeatMap::Cell& cell, const Box& box, const Range& range) {
  const double w = box.width - kGap, h = kCellHeight - kGap;
  std::string out = "<g>";
  if (!cell.note.empty()) out += fmt::format("<title>{}</title>", escape(cell.note));
  const bool known = std::isfinite(cell.value);
  if (known)
    out += fmt::format(
        "<rect class='heat' x='{:.1f}' y='{:.1f}' width='{:.1f}' height='{:.1f}' fill-opacity='{:.2f}'/>",
        box.x, box.y, w, h, opacity(cell.value, range));
  else
    out += svg_line(box.x, box.y + h, box.x + w, box.y, "none");
  constexpr double kFontPx = 10.5;
  if (!cell.text.empty() && text_width(cell.text, kFontPx) <= w) {
    const bool dark = known && opacity(cell.value, range) > kDarkGround;
    out += svg_text(box.x + w / 2, box.y + h / 2 + 4, dark ? "small on" : "small ink", "middle", cell.text);
  }
  return out + "</g>\n";
}

std::string names(const HeatMap& map, double cell_width, double bottom) {
  std::string out;
  for (std::size_t c = 0; c < map.columns.size(); ++c)
    out += svg_text(kHeatLeft + (static_cast<double>(c) + 0.5) * cell_width, bottom + 16, "tick", "middle",
                    map.columns[c]);
  for (std::size_t r = 0; r < map.rows.size(); ++r)
    out += svg_text(kHeatLeft - 8, bottom - (static_cast<double>(r) + 0.5) * kCellHeight + 4, "tick", "end",
                    map.rows[r]);
  out += svg_text((kHeatLeft + kHeatWidth - kHeatRight) / 2, bottom + 38, "label", "middle", map.x_label);
  const double middle = (kHeatTop + bottom) / 2;
  return out + fmt::format(
                   "<text class='label' x='14' y='{0:.1f}' text-anchor='middle' "
                   "transform='rotate(-90 14 {0:.1f})'>{1}</text>\n",
                   middle, escape(map.y_label));
}

}  // namespace

std::string svg(const HeatMap& map) {
  TINYNAS_CHECK(map.cells.size() == map.rows.size() * map.columns.size(),
                "a heat map needs rows x columns cells");
  const double bottom = kHeatTop + kCellHeight * static_cast<double>(map.rows.size());
  const double cell_width = (kHeatWidth - kHeatLeft - kHeatRight) /
                            static_cast<double>(std::max<std::size_t>(1, map.columns.size()));
  const Range range = range_of(map);
  std::string out = svg_open(kHeatWidth, bottom + kHeatBottom, map.title, map.description);
  out += svg_text(kHeatLeft, 18, "title", "start", map.title);
  out += names(map, cell_width, bottom);
  std::string frames;
  for (std::size_t r = 0; r < map.rows.size(); ++r) {
    for (std::size_t c = 0; c < map.columns.size(); ++c) {
      const HeatMap::Cell& cell = map.cells[r * map.columns.size() + c];
      const Box box = {kHeatLeft + static_cast<double>(c) * cell_width,
                       bottom - static_cast<double>(r + 1) * kCellHeight, cell_width};
      out += draw(cell, box, range);
      if (cell.marked)  // drawn last, over the neighbours
        frames += fmt::format("<rect class='frame' x='{:.1f}' y='{:.1f}' width='{:.1f}' height='{:.1f}'/>",
                              box.x - 1, box.y - 1, cell_width + 1, kCellHeight + 1);
    }
  }
  return out + frames + "</svg>\n";
}

}  // namespace tinynas::report
