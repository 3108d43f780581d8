#include "tinynas/space/feasibility.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <memory>

#include "tinynas/core/error.h"
#include "tinynas/cost/evaluator.h"
#include "tinynas/cost/footprint.h"

namespace tinynas::space {
namespace {

/// Calls visit(limit, needs, has) for every limit that stands, always in this order.
template <typename Visit>
void visit_limits(const cost::Footprint& cost, const cost::Budget& budget, const Visit& visit) {
  const auto number = [](auto value) { return static_cast<double>(value); };
  if (budget.sram_bytes) visit("sram", number(cost.sram_bytes), number(*budget.sram_bytes));
  if (budget.flash_bytes) visit("flash", number(cost.flash_bytes), number(*budget.flash_bytes));
  if (budget.macs) visit("macs", number(cost.macs + cost.extra_macs), number(*budget.macs));
  if (budget.latency_ms) visit("latency", cost.latency_ms, *budget.latency_ms);
  if (budget.energy_mj) visit("energy", cost.energy_mj, *budget.energy_mj);
}

std::string amount(const std::string& limit, double value) {
  if (limit == "macs") return format_macs(static_cast<Macs>(value));
  if (limit == "latency") return fmt::format("{:.1f} ms", value);
  if (limit == "energy") return fmt::format("{:.2f} mJ", value);
  return fmt::format("{:.0f} bytes", value);
}

}  // namespace

CostFactory device_cost(const cost::Device& device, cost::InputMode input) {
  return [device, input]() -> CostFn {
    auto evaluator =
        std::make_shared<cost::Evaluator>(device, input);  // std::function wants a copyable thing
    return [evaluator](const ir::Graph& graph) { return (*evaluator)(graph); };
  };
}

NeedTracker::NeedTracker(const cost::Budget& budget)
    : closest_excess_(std::numeric_limits<double>::infinity()) {
  result_.budget = budget;
  visit_limits({}, budget, [&](const char* limit, double, double has) {
    result_.needs.push_back({.limit = limit, .has = has, .least = std::numeric_limits<double>::infinity()});
  });
}

void NeedTracker::add(const cost::Footprint& cost, const std::function<std::string()>& name) {
  std::size_t i = 0;
  double worst = 0;
  visit_limits(cost, result_.budget, [&](const char*, double needs, double has) {
    worst = std::max(worst, needs / std::max(has, 1e-9));  // a limit of 0 is missed by any need
    LimitNeed& need = result_.needs[i++];
    if (needs < need.least) {
      need.least = needs;
      need.genome = name();
    }
  });
  if (worst < closest_excess_) {
    closest_excess_ = worst;
    result_.closest = CostedNetwork{.genome = name(), .cost = cost};
  }
}

void NeedTracker::merge(const NeedTracker& other) {
  TINYNAS_CHECK(result_.needs.size() == other.result_.needs.size(), "trackers of one budget are merged");
  for (std::size_t i = 0; i < result_.needs.size(); ++i)
    if (other.result_.needs[i].least < result_.needs[i].least) result_.needs[i] = other.result_.needs[i];
  if (other.closest_excess_ < closest_excess_) {
    closest_excess_ = other.closest_excess_;
    result_.closest = other.result_.closest;
  }
}

std::string describe(const Infeasible& infeasible) {
  std::string unmet;
  for (const LimitNeed& need : infeasible.needs)
    if (need.least > need.has)
      unmet +=
          fmt::format("{}{} is limited to {}, but the smallest need is {} ({})", unmet.empty() ? "" : "; ",
                      need.limit, amount(need.limit, need.has), amount(need.limit, need.least), need.genome);
  if (!unmet.empty()) return "no network of the space fits: " + unmet;
  std::string text = "no network of the space meets all limits together, though each can be met alone";
  if (infeasible.closest)
    text += fmt::format("; the closest, {}, misses {}", infeasible.closest->genome,
                        cost::describe(cost::misses(infeasible.closest->cost, infeasible.budget)));
  return text;
}

}  // namespace tinynas::space
