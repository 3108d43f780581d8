#pragma once

#include <cstdint>
#include <functional>
#include <memory>
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

using Int8Observer = std::function<void(int, std::span<const std::int8_t>)>;
/// What a streaming network keeps from call to call: the last rows of each tensor that is read with rows of
/// earlier calls, [rows, W, C]. Empty before the first call, where such rows mean 0.
using Int8History = std::vector<std::vector<std::int8_t>>;
template <typename Arithmetic>
class LayerInterpreter;
class Int8Arithmetic;

/// Runs a quantized graph. This is the oracle: generated C equals it bit for bit on every core.
class Int8Interpreter {
 public:
  /// Prepares multipliers and folded biases once. Throws GraphError if the graph is not quantized or an
  /// accumulator may overflow.
  explicit Int8Interpreter(const ir::Graph& graph);
  ~Int8Interpreter();

  const ir::Graph& graph() const;
  /// The output of one int8 image (pixel - 128), [H, W, C]; `observe`, if given, sees every tensor.
  std::vector<std::int8_t> run(std::span<const std::int8_t> image, const Int8Observer& observe = {}) const;
  /// The same of the call that follows those which left `history`, which it brings up to date. run() is the
  /// first call. Networks that do not stream keep nothing.
  std::vector<std::int8_t> run_next(std::span<const std::int8_t> rows, Int8History& history,
                                    const Int8Observer& observe = {}) const;
  /// One layer alone on given inputs (the second empty unless the layer has two).
  std::vector<std::int8_t> run_layer(int layer, std::span<const std::int8_t> first,
                                     std::span<const std::int8_t> second) const;

 private:
  std::unique_ptr<const LayerInterpreter<Int8Arithmetic>> interpreter_;
};

/// The output of each image: one by one, or calls of a streaming network in order, from the first on.
std::vector<std::vector<std::int8_t>> run_all(const Int8Interpreter& interpreter,
                                              std::span<const std::vector<std::int8_t>> images);

/// pixel - 128 for every byte.
std::vector<std::int8_t> pixels_to_int8(std::span<const std::uint8_t> pixels);

/// The class that the network gives each image: its largest output (the first of equals), in parallel over
/// images. GraphError if `images` is empty or no whole number of the network's inputs.
std::vector<std::uint16_t> answers_int8(const ir::Graph& graph, std::span<const std::uint8_t> images);
/// Percent of images whose answer is their label. GraphError as above, and unless each has a label.
double accuracy_int8(const ir::Graph& graph, std::span<const std::uint8_t> images,
                     std::span<const std::uint16_t> labels);
double accuracy_float(const ir::Graph& graph, std::span<const std::uint8_t> images,
                      std::span<const std::uint16_t> labels, const ir::TensorQuant& input);

}  // namespace tinynas::quant
