#include "tinynas/cost/evaluator.h"

#include "cost/plan/planner.h"
#include "cost/sums.h"

namespace tinynas::cost {

struct Evaluator::Memory {
  Memory(Device its_device, InputMode its_input)
      : device(std::move(its_device)), input(its_input), sum_layers(device.core, device.cycles) {}

  const Device device;
  const InputMode input;
  LayerSummer sum_layers;
  Planner planner;
  Schedule totals;  // only its sums are filled
  std::vector<Bytes> scratch;
};

Evaluator::Evaluator(Device device, InputMode input)
    : memory_(std::make_unique<Memory>(std::move(device), input)) {}
Evaluator::Evaluator(const Evaluator& other) : Evaluator(other.memory_->device, other.memory_->input) {}
Evaluator::Evaluator(Evaluator&&) noexcept = default;
Evaluator& Evaluator::operator=(Evaluator other) noexcept {
  memory_ = std::move(other.memory_);
  return *this;
}
Evaluator::~Evaluator() = default;

const Device& Evaluator::device() const { return memory_->device; }

Footprint Evaluator::operator()(const ir::Graph& graph) {
  Memory& m = *memory_;
  const LayerSums sums = m.sum_layers(graph, m.scratch);
  m.planner.plan_totals(graph, {.input = m.input, .isa = core_info(m.device.core).isa}, m.scratch, m.totals);
  return make_footprint(sums, m.totals, m.device);
}

}  // namespace tinynas::cost
