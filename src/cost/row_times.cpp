#include "tinynas/cost/row_times.h"

#include <algorithm>

#include "tinynas/core/index.h"
#include "tinynas/cost/play.h"

namespace tinynas::cost {

RowTimes row_times(const ir::Graph& graph, const Schedule& schedule, const std::vector<LayerCost>& layers) {
  std::vector<Millis> rows;
  Millis ahead = 0;  // of layers on other inputs, which are whole: they run with the first row
  const PlayListener listener{.pushed = [&](int) { rows.push_back(rows.empty() ? ahead : 0); },
                              .step =
                                  [&](int l, int) {
                                    const ir::Layer& layer = graph.layer(l);
                                    const bool pool = layer.op == ir::OpKind::kGlobalAveragePool;
                                    const int steps =
                                        pool ? graph.in_shape(layer).h : graph.out_shape(layer).h;
                                    (rows.empty() ? ahead : rows.back()) += layers[at(l)].latency_ms / steps;
                                  }};
  Schedule pushed = schedule;  // a frame that is held is pushed row by row, too
  pushed.input = InputMode::kRows;
  play(graph, pushed, listener);
  RowTimes times;
  const auto worst = std::max_element(rows.begin(), rows.end());
  times.worst = *worst;
  times.worst_row = static_cast<int>(worst - rows.begin());
  if (rows.size() > 1) times.worst_before_last = *std::max_element(rows.begin(), rows.end() - 1);
  const auto middle = rows.begin() + static_cast<std::ptrdiff_t>(rows.size() / 2);
  std::nth_element(rows.begin(), middle, rows.end());
  times.median = *middle;
  return times;
}

}  // namespace tinynas::cost
