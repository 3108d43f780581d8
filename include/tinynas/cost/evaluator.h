#pragma once

#include <memory>

#include "tinynas/cost/device.h"
#include "tinynas/cost/footprint.h"
#include "tinynas/cost/schedule.h"
#include "tinynas/ir/graph.h"

namespace tinynas::cost {

/// The inner loop of the search: plan + footprint of a bare graph in one pass, nothing allocated after the
/// first call. One evaluator per thread. Equal to footprint(graph, plan(graph, ...), device), but for
/// activation_bytes and scratch_bytes: no budget limits them, and they would cost a second plan; both stay 0.
class Evaluator {
 public:
  Evaluator(Device device, InputMode input);
  Evaluator(const Evaluator& other);  ///< a copy works in memory of its own
  Evaluator(Evaluator&&) noexcept;
  Evaluator& operator=(Evaluator other) noexcept;
  ~Evaluator();
  const Device& device() const;
  Footprint operator()(const ir::Graph& graph);

 private:
  struct Memory;
  std::unique_ptr<Memory> memory_;
};

}  // namespace tinynas::cost
