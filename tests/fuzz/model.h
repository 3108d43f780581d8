// Reads bytes as a model, and computes what was read: its plan, and where it is small, its output.
#pragma once

#include <vector>

#include "fuzz/target.h"
#include "tinynas/cost/evaluator.h"
#include "tinynas/import/import.h"
#include "tinynas/quant/interpreter.h"

namespace tinynas::fuzz {

inline int read_model(const std::uint8_t* data, std::size_t size) {
  static MemoryFile file;
  static cost::Evaluator evaluator(cost::load_device("stm32f746", "fuzz"), cost::InputMode::kRows);
  must_end_well([&] {
    const import::Network network = import::read_network(file.write(data, size));
    constexpr std::int64_t kMostElements = 1 << 16;
    constexpr Macs kMostMacs = 1 << 20;
    std::int64_t elements = 0;
    for (const ir::Shape& shape : network.graph.tensors) elements += shape.elements();
    if (elements > kMostElements || ir::graph_macs(network.graph) > kMostMacs) return;
    evaluator(network.graph);
    const auto values = static_cast<std::size_t>(ir::input_elements(network.graph));
    if (network.graph.quant)
      quant::Int8Interpreter(network.graph).run(std::vector<std::int8_t>(values, 1));
    else
      quant::run_float(network.graph, std::vector<float>(values, 1));
  });
  return 0;
}

}  // namespace tinynas::fuzz
