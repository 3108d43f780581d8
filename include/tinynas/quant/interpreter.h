#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "tinynas/ir/graph.h"

namespace tinynas::quant {

/// Runs a float graph (`parameters`) on one image of real values [H, W, C]; returns the output tensor.
/// `observe`, if given, sees every tensor (index, values) including the input. Slow and plain: it is the
/// meaning of the graph.
using FloatObserver = std::function<void(int, std::span<const float>)>;
std::vector<float> run_float(const ir::Graph& graph, std::span<const float> image,
                             const FloatObserver& observe = {});

/// Runs a quantized graph on one int8 image (pixel - 128), [H, W, C]; returns the int8 output. Every tensor,
/// [H, W, C], if `observe` is given. This is the oracle: generated C equals it bit for bit on every core.
using Int8Observer = std::function<void(int, std::span<const std::int8_t>)>;
class Int8Interpreter {
 public:
  /// Prepares multipliers and folded biases once. Throws GraphError if the graph is not quantized or an
  /// accumulator may overflow.
  explicit Int8Interpreter(const ir::Graph& graph);
  std::vector<std::int8_t> run(std::span<const std::int8_t> image, const Int8Observer& observe = {}) const;
  const ir::Graph& graph() const { return graph_; }
  /// One layer alone on given inputs (the second empty unless the layer has two).
  std::vector<std::int8_t> run_layer(int layer, std::span<const std::int8_t> first,
                                     std::span<const std::int8_t> second) const;

 private:
  struct Prepared;
  ir::Graph graph_;
  std::vector<Prepared> prepared_;

 public:
  ~Int8Interpreter();
  Int8Interpreter(const Int8Interpreter&) = delete;
  Int8Interpreter& operator=(const Int8Interpreter&) = delete;
};

/// pixel - 128 for every byte.
std::vector<std::int8_t> pixels_to_int8(std::span<const std::uint8_t> pixels);

/// Percent of images whose largest output is their label (the first of equals), in parallel over images.
double accuracy_int8(const ir::Graph& graph, std::span<const std::uint8_t> images,
                     std::span<const std::uint16_t> labels);
double accuracy_float(const ir::Graph& graph, std::span<const std::uint8_t> images,
                      std::span<const std::uint16_t> labels, const ir::TensorQuant& input);

}  // namespace tinynas::quant
