#pragma once

#include <algorithm>
#include <vector>

#include "quant/float_interpreter.h"
#include "tinynas/core/parallel.h"
#include "tinynas/quant/calibrate.h"

namespace tinynas::quant {

constexpr std::size_t kMostParts = 16;

/// Runs `body(part, i)` for every input i. Each of the parts, copies of `empty`, sees consecutive inputs in
/// order: what becomes of it does not depend on the number of threads.
template <typename Part, typename Body>
std::vector<Part> in_parts(std::size_t inputs, const Part& empty, const Body& body) {
  std::vector<Part> parts(std::min(kMostParts, inputs), empty);
  parallel_for_index(parts.size(), [&](std::size_t part) {
    for (std::size_t i = inputs * part / parts.size(); i < inputs * (part + 1) / parts.size(); ++i)
      body(parts[part], i);
  });
  return parts;
}

/// The same where `observer(part, tensor, values)` sees the tensors of the float network.
template <typename Part, typename Observer>
std::vector<Part> observe(const FloatInterpreter& network, const Inputs& inputs, const Part& empty,
                          const Observer& observer) {
  return in_parts(inputs.count, empty, [&](Part& part, std::size_t i) {
    network.run(inputs.input(i),
                [&](int tensor, std::span<const float> values) { observer(part, tensor, values); });
  });
}

}  // namespace tinynas::quant
