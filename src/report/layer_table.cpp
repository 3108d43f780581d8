#include "report/layer_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/text.h"
#include "tinynas/ir/ops.h"

namespace tinynas::report {
namespace {

template <typename Value>
double largest(const std::vector<cost::LayerCost>& costs, Value cost::LayerCost::*member) {
  Value most{};
  for (const cost::LayerCost& cost : costs) most = std::max(most, cost.*member);
  return static_cast<double>(most);
}

template <typename Value>
Value sum(const std::vector<cost::LayerCost>& costs, Value cost::LayerCost::*member) {
  Value total{};
  for (const cost::LayerCost& cost : costs) total += cost.*member;
  return total;
}

/// A number with a bar that shows its part of the column's largest.
Cell bar(std::string text, double value, double of) { return {std::move(text), of > 0 ? value / of : 0}; }

}  // namespace

std::string layer_name(const ir::Graph& graph, int layer) {
  const auto i = at(layer);
  return i < graph.names.size() && !graph.names[i].empty() ? graph.names[i] : fmt::format("layer {}", layer);
}

std::string operation(const ir::Layer& layer) {
  std::string text(ir::layer_word(layer));
  if (ir::op_info(layer.op).windowed) text += fmt::format(" {}x{}", layer.kernel_h, layer.kernel_w);
  if (layer.stride_h > 1) text += fmt::format(" s{}", layer.stride_h);
  return text;
}

Table layer_table(const ir::Graph& graph, const cost::Schedule& schedule,
                  const std::vector<cost::LayerCost>& costs) {
  Table table{.columns = {{"layer", Align::kWords},
                          {"operation", Align::kWords},
                          {"output", Align::kWords},
                          {"segment"},
                          {"rows kept"},
                          {"MACs"},
                          {"SRAM bytes"},
                          {"scratch"},
                          {"Flash bytes"},
                          {"ms"}}};
  const double macs = largest(costs, &cost::LayerCost::macs);
  const double ring = largest(costs, &cost::LayerCost::ring_bytes);
  const double flash = largest(costs, &cost::LayerCost::flash_bytes);
  const double latency = largest(costs, &cost::LayerCost::latency_ms);
  for (int i = 0; i < graph.layer_count(); ++i) {
    const ir::Layer& layer = graph.layer(i);
    const ir::Shape& out = graph.out_shape(layer);
    const int rows = schedule.tensors[at(layer.output)].rows;
    const cost::LayerCost& c = costs[at(i)];
    table.rows.push_back(
        {.cells = {layer_name(graph, i), operation(layer), fmt::format("{}x{}x{}", out.h, out.w, out.c),
                   std::to_string(c.segment),
                   rows < out.h ? fmt::format("{} of {}", rows, out.h) : std::to_string(rows),
                   bar(grouped(c.macs), static_cast<double>(c.macs), macs),
                   bar(grouped(c.ring_bytes), static_cast<double>(c.ring_bytes), ring),
                   grouped(c.scratch_bytes),
                   bar(grouped(c.flash_bytes), static_cast<double>(c.flash_bytes), flash),
                   bar(fmt::format("{:.3f}", c.latency_ms), c.latency_ms, latency)}});
  }
  // Bytes of SRAM do not add up: they are shared over time.
  table.totals = {"sum",
                  "",
                  "",
                  "",
                  "",
                  grouped(sum(costs, &cost::LayerCost::macs)),
                  "",
                  "",
                  grouped(sum(costs, &cost::LayerCost::flash_bytes)),
                  fmt::format("{:.3f}", sum(costs, &cost::LayerCost::latency_ms))};
  return table;
}

}  // namespace tinynas::report
