#include <fmt/format.h>

#include <algorithm>

#include "quant/float_interpreter.h"
#include "tinynas/core/error.h"
#include "tinynas/core/parallel.h"
#include "tinynas/quant/interpreter.h"

namespace tinynas::quant {
namespace {

/// `scores`: pixels of one image -> the network's output. The first largest one of each image.
template <typename Scores>
std::vector<std::uint16_t> answers(const ir::Graph& graph, std::span<const std::uint8_t> images,
                                   const Scores& scores) {
  if (graph.output_count() > 1)
    throw UnsupportedError(fmt::format(
        "accuracy: the network has {} outputs, but one that scores classes is needed", graph.output_count()));
  const auto pixels = at(ir::input_elements(graph));
  if (images.empty() || images.size() % pixels != 0)
    throw GraphError(
        fmt::format("accuracy: {} bytes of images, expected {} bytes an image", images.size(), pixels));
  std::vector<std::uint16_t> classes(images.size() / pixels);
  parallel_for_index(classes.size(), [&](std::size_t i) {
    const auto output = scores(images.subspan(i * pixels, pixels));
    classes[i] = static_cast<std::uint16_t>(std::max_element(output.begin(), output.end()) - output.begin());
  });
  return classes;
}

double share_right(std::span<const std::uint16_t> answers, std::span<const std::uint16_t> labels) {
  if (answers.size() != labels.size())
    throw GraphError(fmt::format("accuracy: {} images for {} labels", answers.size(), labels.size()));
  std::size_t right = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) right += answers[i] == labels[i] ? 1 : 0;
  return 100.0 * static_cast<double>(right) / static_cast<double>(labels.size());
}

}  // namespace

std::vector<std::uint16_t> answers_int8(const ir::Graph& graph, std::span<const std::uint8_t> images) {
  const Int8Interpreter interpreter(graph);
  return answers(graph, images, [&](auto pixels) { return interpreter.run(pixels_to_int8(pixels)); });
}

double accuracy_int8(const ir::Graph& graph, std::span<const std::uint8_t> images,
                     std::span<const std::uint16_t> labels) {
  return share_right(answers_int8(graph, images), labels);
}

double accuracy_float(const ir::Graph& graph, std::span<const std::uint8_t> images,
                      std::span<const std::uint16_t> labels, const ir::TensorQuant& input) {
  const FloatInterpreter network(graph);
  return share_right(
      answers(graph, images, [&](auto pixels) { return network.run(real_pixels(pixels, input), {}); }),
      labels);
}

}  // namespace tinynas::quant
