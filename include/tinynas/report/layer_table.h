#pragma once

#include <string>
#include <vector>

#include "tinynas/cost/footprint.h"
#include "tinynas/cost/schedule.h"
#include "tinynas/ir/graph.h"

namespace tinynas::report {

/// Cells of a table: the first row is the head. The same rows become terminal text and HTML.
struct Table {
  std::vector<std::string> head;
  std::vector<std::vector<std::string>> rows;
  int text_columns = 1;  ///< this many columns from the left hold words; the others numbers, set to the right
};

/// One row a layer: name, operation, output, segment, kept rows, MACs, SRAM, scratch, Flash, latency.
Table layer_table(const ir::Graph& graph, const cost::Schedule& schedule,
                  const std::vector<cost::LayerCost>& costs);

/// Columns padded with blanks, a rule below the head.
std::string to_text(const Table& table);
std::string to_html(const Table& table);

/// 1234567 -> "1,234,567".
std::string grouped(std::int64_t number);

}  // namespace tinynas::report
