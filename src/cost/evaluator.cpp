#include "planner.h"
#include "tinynas/cost/cost.h"

namespace tinynas::cost {

struct Evaluator::Memory {
  Planner planner;
  Schedule schedule;
};

Evaluator::Evaluator(Device device, InputMode input)
    : device_(std::move(device)), input_(input), memory_(std::make_unique<Memory>()) {}
Evaluator::Evaluator(Evaluator&&) noexcept = default;
Evaluator& Evaluator::operator=(Evaluator&&) noexcept = default;
Evaluator::~Evaluator() = default;

Footprint Evaluator::operator()(const ir::Graph& graph) {
  Schedule& schedule = memory_->schedule;
  memory_->planner.plan(graph, {.input = input_, .isa = core_info(device_.core).isa}, schedule);
  return footprint(graph, schedule, device_);
}

}  // namespace tinynas::cost
