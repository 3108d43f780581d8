#pragma once

#include <vector>

#include "tinynas/cost/device.h"
#include "tinynas/cost/footprint.h"
#include "tinynas/cost/schedule.h"
#include "tinynas/ir/graph.h"

namespace tinynas::cost {

struct PlanOptions {
  InputMode input = InputMode::kRows;
  KernelIsa isa = KernelIsa::kDsp;
};

/// The schedule with the smallest arena (DESIGN.md section 4): segments of rings, cut points by dynamic
/// programming.
Schedule plan(const ir::Graph& graph, const PlanOptions& options);

/// Costs of running `graph` by `schedule` on `device`.
Footprint footprint(const ir::Graph& graph, const Schedule& schedule, const Device& device);
/// The table behind those sums, one row per layer.
std::vector<LayerCost> layer_costs(const ir::Graph& graph, const Schedule& schedule, const Device& device);

/// The inner loop of the search: plan + footprint of a bare graph in one pass, nothing allocated after the
/// first call. One evaluator per thread. Equal to footprint(graph, plan(graph, ...), device).
class Evaluator {
 public:
  Evaluator(Device device, InputMode input);
  const Device& device() const { return device_; }
  Footprint operator()(const ir::Graph& graph);

 private:
  Device device_;
  InputMode input_;
  Schedule schedule_;
};

}  // namespace tinynas::cost
