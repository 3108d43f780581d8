#pragma once

#include <string>
#include <utility>
#include <vector>

namespace tinynas::report {

enum class Align { kWords, kNumbers };

struct Column {
  std::string head = {};
  Align align = Align::kNumbers;
};

struct Cell {
  std::string text = {};
  double share = 0;       ///< 0..1: how far the bar behind the number reaches (HTML only)
  std::string link = {};  ///< the text leads to this page, relative to its own (HTML only)

  Cell(std::string words) : text(std::move(words)) {}
  Cell(const char* words) : text(words) {}
  Cell(std::string number, double of_largest) : text(std::move(number)), share(of_largest) {}
};

struct Row {
  std::vector<Cell> cells = {};
  bool marked = false;  ///< the winner: bold in HTML, a `*` at the end of its line in text
};

/// One table, for the terminal and for the page.
struct Table {
  std::string caption = {};  ///< what the rows are, for the page's readers; may be empty
  std::vector<Column> columns = {};
  std::vector<Row> rows = {};
  std::vector<Cell> totals = {};  ///< the foot: as many cells as columns, or none
};

/// Columns padded with blanks, a rule below the head (and above the totals).
std::string to_text(const Table& table);
/// A <table> in a box that scrolls sideways on narrow screens.
std::string to_html(const Table& table);
/// A Markdown table; the winner's cells are bold where there are several rows.
std::string to_markdown(const Table& table);

}  // namespace tinynas::report
