#include <fmt/format.h>

#include <algorithm>

#include "quant/float_interpreter.h"
#include "tinynas/core/error.h"
#include "tinynas/core/parallel.h"
#include "tinynas/quant/interpreter.h"

namespace tinynas::quant {
namespace {

/// `predict`: pixels of one image -> scores. Percent of images whose first largest score is their label.
template <typename Predict>
double accuracy(const ir::Graph& graph, std::span<const std::uint8_t> images,
                std::span<const std::uint16_t> labels, const Predict& predict) {
  const auto pixels = at(graph.tensor(graph.input).elements());
  if (labels.empty() || images.size() != labels.size() * pixels)
    throw GraphError(fmt::format("accuracy: {} bytes of images for {} labels, expected {} bytes an image",
                                 images.size(), labels.size(), pixels));
  std::vector<char> right(labels.size());
  parallel_for_index(labels.size(), [&](std::size_t i) {
    const auto scores = predict(images.subspan(i * pixels, pixels));
    right[i] = std::max_element(scores.begin(), scores.end()) - scores.begin() == labels[i];
  });
  return 100.0 * static_cast<double>(std::count(right.begin(), right.end(), 1)) /
         static_cast<double>(right.size());
}

}  // namespace

double accuracy_int8(const ir::Graph& graph, std::span<const std::uint8_t> images,
                     std::span<const std::uint16_t> labels) {
  const Int8Interpreter interpreter(graph);
  return accuracy(graph, images, labels,
                  [&](auto pixels) { return interpreter.run(pixels_to_int8(pixels)); });
}

double accuracy_float(const ir::Graph& graph, std::span<const std::uint8_t> images,
                      std::span<const std::uint16_t> labels, const ir::TensorQuant& input) {
  const FloatInterpreter network(graph);
  return accuracy(graph, images, labels,
                  [&](auto pixels) { return network.run(real_pixels(pixels, input), {}); });
}

}  // namespace tinynas::quant
