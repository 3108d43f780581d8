#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tinynas/cost/footprint.h"
#include "tinynas/ir/graph.h"

namespace tinynas::space {

/// What a bare graph costs: cost::Evaluator, or a stand-in. Not shared between threads; a CostFactory makes
/// one for each.
using CostFn = std::function<cost::Footprint(const ir::Graph&)>;
using CostFactory = std::function<CostFn()>;
/// The cost model's own: plans and costs on a device.
CostFactory device_cost(const cost::Device& device, cost::InputMode input);

/// A network by name and what it costs.
struct CostedNetwork {
  std::string genome = {};
  cost::Footprint cost = {};
  friend bool operator==(const CostedNetwork&, const CostedNetwork&) = default;
};

/// One limit of a budget and the smallest need for it among the networks tried.
struct LimitNeed {
  std::string limit = {};  ///< as in cost::Miss: "sram", "flash", "macs", "latency", "energy"
  double has = 0;
  double least = 0;
  std::string genome = {};  ///< the network that needs least of it
  friend bool operator==(const LimitNeed&, const LimitNeed&) = default;
};

/// Why nothing fits: collected over the networks tried, the smallest of the space among them.
struct Infeasible {
  cost::Budget budget = {};
  std::vector<LimitNeed> needs = {};          ///< one per limit of the budget
  std::optional<CostedNetwork> closest = {};  ///< the network that misses its worst limit by the least factor
  friend bool operator==(const Infeasible&, const Infeasible&) = default;
};

/// Looks at networks one by one and keeps what an Infeasible tells. Deterministic: ties keep the first.
class NeedTracker {
 public:
  explicit NeedTracker(const cost::Budget& budget);
  /// `name` is called only if this network is to be kept.
  void add(const cost::Footprint& cost, const std::function<std::string()>& name);
  /// Takes over what another tracker of the same budget saw, as if seen after its own.
  void merge(const NeedTracker& other);
  const Infeasible& result() const { return result_; }

 private:
  Infeasible result_;
  double closest_excess_ = 0;
};

/// "no network of the space meets the limits: sram has 1024 bytes, the smallest network needs 9216 (r16-w0.35
/// ...)": one line for an InfeasibleError.
std::string describe(const Infeasible& infeasible);

}  // namespace tinynas::space
