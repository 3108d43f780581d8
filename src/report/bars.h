#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tinynas/report/plot.h"

namespace tinynas::report {

/// One bar of parts laid end to end, with a legend that gives every part's number: where the time went.
struct StackedBar {
  struct Part {
    std::string name;
    double value = 0;
    std::string text;  ///< the value in words
  };
  std::string title, description = {};
  std::vector<Part> parts = {};
};
std::string svg(const StackedBar& bar);

/// Values of one kind in a column of dots on a shared axis: accuracy from stage to stage.
struct DotColumn {
  struct Item {
    std::string name;
    double value = 0;
    std::string text;  ///< the value in words
    std::string note;  ///< at the right: what it was measured on
    bool marked = false;
  };
  std::string title, description, x_label = {};
  std::vector<Item> items = {};
};
std::string svg(const DotColumn& column);

/// How much of a limit is used: "SRAM 14.2 of 320 KiB".
struct Meter {
  std::string name, used, limit = {};  ///< in words; `limit` empty: nothing was asked
  std::optional<double> share = {};    ///< used / limit; above 1 it is missed
};
/// HTML, not SVG: a tile with the figure, the limit and a bar.
std::string to_html(const Meter& meter);

}  // namespace tinynas::report
