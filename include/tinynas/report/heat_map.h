#pragma once

#include <limits>
#include <string>
#include <vector>

namespace tinynas::report {

/// A grid of values, from pale to strong: width x resolution, SRAM x Flash.
struct HeatMap {
  struct Cell {
    double value = std::numeric_limits<double>::quiet_NaN();  ///< not a number: crossed out
    std::string text;                                         ///< written into the cell
    std::string note;                                         ///< shown when pointed at
    bool marked = false;                                      ///< the winner: framed
  };
  std::string title, x_label, y_label = {};
  std::string description = {};
  std::vector<std::string> columns, rows = {};  ///< names along x, and along y from the bottom up
  std::vector<Cell> cells = {};                 ///< row by row, rows.size() * columns.size()
};

std::string svg(const HeatMap& map);

}  // namespace tinynas::report
