#include "tinynas/report/table.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/text.h"
#include "tinynas/core/error.h"
#include "tinynas/core/index.h"

namespace tinynas::report {
namespace {

/// Characters, not bytes, of UTF-8 text.
std::size_t characters(std::string_view text) {
  return at(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

void check_width(const Table& table) {
  for (const Row& row : table.rows)
    TINYNAS_CHECK(row.cells.size() == table.columns.size(), "a table row needs a cell per column");
  TINYNAS_CHECK(table.totals.empty() || table.totals.size() == table.columns.size(),
                "table totals need a cell per column");
}

std::vector<std::size_t> column_widths(const Table& table) {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    std::size_t width = characters(table.columns[c].head);
    for (const Row& row : table.rows) width = std::max(width, characters(row.cells[c].text));
    if (!table.totals.empty()) width = std::max(width, characters(table.totals[c].text));
    widths.push_back(width);
  }
  return widths;
}

std::string html_cell(std::string_view tag, const Column& column, const Cell& cell) {
  const char* align = column.align == Align::kNumbers ? " class='n'" : "";
  std::string text = escape(cell.text);
  if (!cell.link.empty()) text = fmt::format("<a href='{}'>{}</a>", escape(cell.link), text);
  if (cell.share <= 0) return fmt::format("<{0}{1}>{2}</{0}>", tag, align, text);
  return fmt::format("<{0} class='n bar' style='--share:{1:.1f}%'>{2}</{0}>", tag,
                     100 * std::min(1.0, cell.share), text);
}

}  // namespace

std::string to_text(const Table& table) {
  check_width(table);
  const std::vector<std::size_t> widths = column_widths(table);
  const auto line = [&](auto&& text_of, bool marked) {
    std::string out;
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      const std::string text = text_of(c);
      const std::string blanks(widths[c] - characters(text), ' ');
      if (c > 0) out += "  ";
      out += table.columns[c].align == Align::kWords ? text + blanks : blanks + text;
    }
    out += marked ? " *" : "";
    out.erase(out.find_last_not_of(' ') + 1);
    return out + "\n";
  };
  const auto rule = [&](std::size_t c) { return std::string(widths[c], '-'); };
  std::string out = line([&](std::size_t c) { return table.columns[c].head; }, false) + line(rule, false);
  for (const Row& row : table.rows) out += line([&](std::size_t c) { return row.cells[c].text; }, row.marked);
  if (!table.totals.empty())
    out += line(rule, false) + line([&](std::size_t c) { return table.totals[c].text; }, false);
  return out;
}

std::string to_html(const Table& table) {
  check_width(table);
  std::string out = "<div class='scroll' tabindex='0'><table>\n";
  if (!table.caption.empty()) out += fmt::format("<caption>{}</caption>\n", escape(table.caption));
  out += "<thead><tr>";
  for (const Column& column : table.columns)
    out += fmt::format("<th scope='col'{}>{}</th>", column.align == Align::kNumbers ? " class='n'" : "",
                       escape(column.head));
  out += "</tr></thead>\n<tbody>\n";
  const auto cells = [&](const std::vector<Cell>& row) {
    for (std::size_t c = 0; c < row.size(); ++c) out += html_cell("td", table.columns[c], row[c]);
    out += "</tr>\n";
  };
  for (const Row& row : table.rows) {
    out += row.marked ? "<tr class='marked'>" : "<tr>";
    cells(row.cells);
  }
  out += "</tbody>\n";
  if (!table.totals.empty()) {
    out += "<tfoot><tr>";
    cells(table.totals);
    out += "</tfoot>\n";
  }
  return out + "</table></div>\n";
}

std::string to_markdown(const Table& table) {
  check_width(table);
  const auto line = [](auto&& text_of, std::size_t count) {
    std::string out = "|";
    for (std::size_t c = 0; c < count; ++c) out += " " + text_of(c) + " |";
    return out + "\n";
  };
  const std::size_t count = table.columns.size();
  const auto cell = [](const Cell& one, bool bold) {
    std::string text = markdown(one.text);
    if (!one.link.empty()) text = fmt::format("[{}](<{}>)", text, one.link);
    return bold && !text.empty() ? "**" + text + "**" : text;
  };
  std::string out = line([&](std::size_t c) { return markdown(table.columns[c].head); }, count);
  const auto rule = [&](std::size_t c) {
    return std::string(table.columns[c].align == Align::kWords ? "---" : "---:");
  };
  out += line(rule, count);
  const bool several = table.rows.size() > 1;
  for (const Row& row : table.rows)
    out += line([&](std::size_t c) { return cell(row.cells[c], row.marked && several); }, count);
  if (!table.totals.empty()) out += line([&](std::size_t c) { return cell(table.totals[c], false); }, count);
  return out;
}

}  // namespace tinynas::report
