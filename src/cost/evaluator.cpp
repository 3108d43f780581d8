#include "planner.h"
#include "sums.h"

namespace tinynas::cost {

struct Evaluator::Memory {
  Planner planner;
  Schedule totals;  // only its sums are filled
  std::vector<Bytes> scratch;
  UnrolledSizes unrolled;
};

Evaluator::Evaluator(Device device, InputMode input)
    : device_(std::move(device)), input_(input), memory_(std::make_unique<Memory>()) {}
Evaluator::Evaluator(const Evaluator& other) : Evaluator(other.device_, other.input_) {}
Evaluator::Evaluator(Evaluator&&) noexcept = default;
Evaluator& Evaluator::operator=(Evaluator other) noexcept {
  device_ = std::move(other.device_);
  input_ = other.input_;
  memory_ = std::move(other.memory_);
  return *this;
}
Evaluator::~Evaluator() = default;

Footprint Evaluator::operator()(const ir::Graph& graph) {
  const LayerSums sums = sum_layers(graph, device_.core, device_.cycles, memory_->unrolled, memory_->scratch);
  memory_->planner.plan_totals(graph, {.input = input_, .isa = core_info(device_.core).isa}, memory_->scratch,
                               memory_->totals);
  return make_footprint(sums, memory_->totals, device_);
}

}  // namespace tinynas::cost
