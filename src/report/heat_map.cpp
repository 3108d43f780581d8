#include "tinynas/report/heat_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/text.h"
#include "tinynas/core/error.h"
#include "tinynas/report/svg.h"

namespace tinynas::report {
namespace {

constexpr double kLeastLeft = 74, kHeatRight = 12, kHeatTop = 34, kHeatBottom = 48;
constexpr double kTickPx = 11, kLongestName = 120;
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

double widest(const std::vector<std::string>& names) {
  double width = 0;
  for (const std::string& name : names) width = std::max(width, text_width(name, kTickPx));
  return width;
}

/// The name, or its beginning.
std::string shortened(std::string name) {
  if (text_width(name, kTickPx) <= kLongestName) return name;
  const auto drop_character = [&] {
    while (!name.empty() && (name.back() & 0xC0) == 0x80) name.pop_back();  // inside a UTF-8 character
    if (!name.empty()) name.pop_back();
  };
  while (text_width(name + "...", kTickPx) > kLongestName) drop_character();
  return name + "...";
}

/// Where the cells lie, and how the names around them are written.
struct Layout {
  double left = 0, bottom = 0, cell_width = 0;
  bool slanted = false;     ///< columns' names that are wider than a column
  double names_height = 0;  ///< below the cells, beyond a line
};

Layout layout_of(const HeatMap& map) {
  constexpr double kBesideNames = 34;  // the label of the axis, and a gap
  Layout layout;
  layout.left = std::max(kLeastLeft, std::min(widest(map.rows), kLongestName) + kBesideNames);
  layout.bottom = kHeatTop + kCellHeight * static_cast<double>(map.rows.size());
  layout.cell_width = (kHeatWidth - layout.left - kHeatRight) /
                      static_cast<double>(std::max<std::size_t>(1, map.columns.size()));
  const double names = std::min(widest(map.columns), kLongestName);
  layout.slanted = names > layout.cell_width;
  constexpr double kSlant = 0.71;  // of 45 degrees
  if (layout.slanted) layout.names_height = kSlant * names;
  return layout;
}

std::string column_name(const Layout& layout, double x, const std::string& name) {
  if (!layout.slanted) return svg_text(x, layout.bottom + 16, "tick", "middle", name);
  return fmt::format(
      "<text class='tick' x='{0:.1f}' y='{1:.1f}' text-anchor='end' "
      "transform='rotate(-45 {0:.1f} {1:.1f})'>{2}</text>",
      x + 4, layout.bottom + 12, escape(name));
}

std::string names(const HeatMap& map, const Layout& layout) {
  std::string out;
  for (std::size_t c = 0; c < map.columns.size(); ++c)
    out += column_name(layout, layout.left + (static_cast<double>(c) + 0.5) * layout.cell_width,
                       shortened(map.columns[c]));
  for (std::size_t r = 0; r < map.rows.size(); ++r)
    out += svg_text(layout.left - 8, layout.bottom - (static_cast<double>(r) + 0.5) * kCellHeight + 4, "tick",
                    "end", shortened(map.rows[r]));
  out += svg_text((layout.left + kHeatWidth - kHeatRight) / 2, layout.bottom + layout.names_height + 38,
                  "label", "middle", map.x_label);
  const double middle = (kHeatTop + layout.bottom) / 2;
  return out + fmt::format(
                   "<text class='label' x='14' y='{0:.1f}' text-anchor='middle' "
                   "transform='rotate(-90 14 {0:.1f})'>{1}</text>\n",
                   middle, escape(map.y_label));
}

}  // namespace

std::string svg(const HeatMap& map) {
  TINYNAS_CHECK(map.cells.size() == map.rows.size() * map.columns.size(),
                "a heat map needs rows x columns cells");
  const Layout layout = layout_of(map);
  const Range range = range_of(map);
  std::string out =
      svg_open(kHeatWidth, layout.bottom + layout.names_height + kHeatBottom, map.title, map.description);
  out += svg_text(layout.left, 18, "title", "start", map.title);
  out += names(map, layout);
  std::string frames;
  for (std::size_t r = 0; r < map.rows.size(); ++r) {
    for (std::size_t c = 0; c < map.columns.size(); ++c) {
      const HeatMap::Cell& cell = map.cells[r * map.columns.size() + c];
      const Box box = {layout.left + static_cast<double>(c) * layout.cell_width,
                       layout.bottom - static_cast<double>(r + 1) * kCellHeight, layout.cell_width};
      out += draw(cell, box, range);
      if (cell.marked)  // drawn last, over the neighbours
        frames += fmt::format("<rect class='frame' x='{:.1f}' y='{:.1f}' width='{:.1f}' height='{:.1f}'/>",
                              box.x - 1, box.y - 1, box.width + 1, kCellHeight + 1);
    }
  }
  return out + frames + "</svg>\n";
}

}  // namespace tinynas::report
