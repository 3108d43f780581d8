#include "tinynas/report/layer_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "tinynas/ir/ops.h"
#include "tinynas/report/plot.h"

namespace tinynas::report {
namespace {

std::string operation(const ir::Layer& layer) {
  std::string text(ir::op_name(layer.op));
  if (layer.op == ir::OpKind::kConv2d || layer.op == ir::OpKind::kDepthwiseConv2d) {
    text += fmt::format(" {}x{}", layer.kernel_h, layer.kernel_w);
    if (layer.stride_h > 1) text += fmt::format(" s{}", layer.stride_h);
  }
  return text;
}

}  // namespace

Table layer_table(const ir::Graph& graph, const cost::Schedule& schedule,
                  const std::vector<cost::LayerCost>& costs) {
  Table table{.head = {"layer", "operation", "output", "segment", "rows kept", "MACs", "SRAM bytes",
                       "scratch", "Flash bytes", "ms"},
              .rows = {},
              .text_columns = 3};
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    const ir::Layer& layer = graph.layers[i];
    const ir::Shape& out = graph.out_shape(layer);
    const int rows = schedule.tensors[static_cast<std::size_t>(layer.output)].rows;
    const cost::LayerCost& cost = costs[i];
    table.rows.push_back({i < graph.names.size() ? graph.names[i] : fmt::format("layer {}", i),
                          operation(layer), fmt::format("{}x{}x{}", out.h, out.w, out.c),
                          std::to_string(cost.segment),
                          rows < out.h ? fmt::format("{} of {}", rows, out.h) : std::to_string(rows),
                          grouped(cost.macs), grouped(cost.ring_bytes), grouped(cost.scratch_bytes),
                          grouped(cost.flash_bytes), fmt::format("{:.3f}", cost.latency_ms)});
  }
  return table;
}

std::string to_text(const Table& table) {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < table.head.size(); ++c) {
    widths.push_back(table.head[c].size());
    for (const auto& row : table.rows) widths[c] = std::max(widths[c], row[c].size());
  }
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string text;
    for (std::size_t c = 0; c < cells.size(); ++c) {
      const bool words = static_cast<int>(c) < table.text_columns;
      text += (c ? "  " : "") + (words ? fmt::format("{:<{}}", cells[c], widths[c])
                                       : fmt::format("{:>{}}", cells[c], widths[c]));
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return text + "\n";
  };
  std::string out = line(table.head);
  std::vector<std::string> rule;
  for (const std::size_t width : widths) rule.emplace_back(width, '-');
  out += line(rule);
  for (const auto& row : table.rows) out += line(row);
  return out;
}

std::string to_html(const Table& table) {
  std::string out = "<div class='scroll'><table><thead><tr>";
  const auto cell = [&](const char* tag, std::size_t column, const std::string& text) {
    const bool words = static_cast<int>(column) < table.text_columns;
    return fmt::format("<{0}{1}>{2}</{0}>", tag, words ? "" : " class='n'", escape(text));
  };
  for (std::size_t c = 0; c < table.head.size(); ++c) out += cell("th", c, table.head[c]);
  out += "</tr></thead><tbody>\n";
  for (const auto& row : table.rows) {
    out += "<tr>";
    for (std::size_t c = 0; c < row.size(); ++c) out += cell("td", c, row[c]);
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

std::string grouped(std::int64_t number) {
  std::string text = std::to_string(number);
  const std::size_t first = number < 0 ? 1 : 0;
  for (std::size_t i = text.size(); i > first + 3; i -= 3) text.insert(i - 3, ",");
  return text;
}

}  // namespace tinynas::report
