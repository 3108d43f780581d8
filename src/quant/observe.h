#pragma once

#include <algorithm>
#include <vector>

#include "quant/float_interpreter.h"
#include "tinynas/core/parallel.h"
#include "tinynas/quant/calibrate.h"
#include "tinynas/quant/interpreter.h"

namespace tinynas::quant {

constexpr std::size_t kMostParts = 16;

/// What the inputs before left in a streaming network: they are calls, one after the other.
struct EarlierCalls {
  FloatInterpreter::History real;
  Int8History int8;
};

/// Runs `body(part, i, earlier)` for every input i. Each of the parts, copies of `empty`, sees consecutive
/// inputs in order: what becomes of it does not depend on the number of threads. All calls of a streaming
/// network are one part.
template <typename Part, typename Body>
std::vector<Part> in_parts(const ir::Graph& graph, std::size_t inputs, const Part& empty, const Body& body) {
  std::vector<Part> parts(std::min(ir::is_streaming(graph) ? 1 : kMostParts, inputs), empty);
  parallel_for_index(parts.size(), [&](std::size_t part) {
    EarlierCalls earlier;
    for (std::size_t i = inputs * part / parts.size(); i < inputs * (part + 1) / parts.size(); ++i)
      body(parts[part], i, earlier);
  });
  return parts;
}

/// The same where `observer(part, tensor, values)` sees the tensors of the float network.
template <typename Part, typename Observer>
std::vector<Part> observe(const FloatInterpreter& network, const Inputs& inputs, const Part& empty,
                          const Observer& observer) {
  return in_parts(
      network.graph(), inputs.count, empty, [&](Part& part, std::size_t i, EarlierCalls& earlier) {
        network.run_next(inputs.input(i), earlier.real,
                         [&](int tensor, std::span<const float> values) { observer(part, tensor, values); });
      });
}

}  // namespace tinynas::quant
