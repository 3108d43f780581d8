// The self-test's inputs, and what the interpreter makes of them.
#include <fmt/format.h>

#include "engine/write/c_text.h"
#include "engine/write/firmware_model.h"
#include "tinynas/core/hash.h"
#include "tinynas/core/parallel.h"
#include "tinynas/quant/interpreter.h"

namespace tinynas::engine {
namespace {

constexpr std::string_view kVectorsHeader = R"(/* @n@_vectors.h: @origin@
 * Inputs of @n@_self_test(), and what they must give. */
#ifndef TINYNAS_NET_@U@_VECTORS_H
#define TINYNAS_NET_@U@_VECTORS_H

#include <stdint.h>

/* Where they lie, if not in .rodata: an attribute with a section of external Flash, say. */
#ifndef @U@_VECTORS_PLACE
#define @U@_VECTORS_PLACE
#endif

extern const int8_t @n@_vectors_inputs[@images@][@input_bytes@];
extern const int8_t @n@_vectors_outputs[@images@][@output_bytes@];

/* Of every layer's rows, layers in the order of @n@.c: FNV-1a of 32 bits over the rows from top to
 * bottom, each [C][W]. Read with @U@_TRACE only. */
extern const uint32_t @n@_vectors_checks[@images@][@layers@];

#endif
)";

/// A tensor [H, W, C] as kernels make it: row by row [C][W].
std::vector<std::int8_t> as_made(const ir::Shape& shape, std::span<const std::int8_t> tensor) {
  std::vector<std::int8_t> made;
  made.reserve(tensor.size());
  const auto h = static_cast<std::size_t>(shape.h), w = static_cast<std::size_t>(shape.w),
             c = static_cast<std::size_t>(shape.c);
  for (std::size_t y = 0; y < h; ++y)
    for (std::size_t k = 0; k < c; ++k)
      for (std::size_t x = 0; x < w; ++x) made.push_back(tensor[(y * w + x) * c + k]);
  return made;
}

/// What one input must give.
struct Expected {
  std::vector<std::int8_t> output;
  std::vector<std::uint32_t> checks;  ///< one per layer
};
Expected expected_of(const FirmwareModel& model, const quant::Int8Interpreter& interpreter,
                     std::span<const std::int8_t> image, quant::Int8History& history) {
  std::vector<std::uint32_t> by_tensor(model.graph.tensors.size());
  std::vector<std::vector<std::int8_t>> outputs(model.graph.tensors.size());  // by tensor
  Expected expected;
  interpreter.run_next(image, history, [&](int tensor, std::span<const std::int8_t> values) {
    const std::vector<std::int8_t> made = as_made(model.shape(tensor), values);
    by_tensor[static_cast<std::size_t>(tensor)] =
        fnv1a_32({reinterpret_cast<const char*>(made.data()), made.size()});
    if (model.graph.is_output(tensor)) outputs[static_cast<std::size_t>(tensor)] = made;
  });
  for (int i = 0; i < model.graph.output_count(); ++i) {
    const auto& output = outputs[static_cast<std::size_t>(model.graph.output_tensor(i))];
    expected.output.insert(expected.output.end(), output.begin(), output.end());
  }
  for (const ir::Layer& layer : model.graph.layers)
    expected.checks.push_back(by_tensor[static_cast<std::size_t>(layer.output)]);
  return expected;
}

std::string check_numbers(const std::vector<std::uint32_t>& checks) {
  std::vector<std::string> numbers;
  for (const std::uint32_t check : checks) numbers.push_back(fmt::format("0x{:08x}u", check));
  return wrapped_list(numbers, 5);
}

/// "    {values},\n" for one image.
std::string braced(std::string values) {
  values.replace(4, 1, "{");
  values.replace(values.size() - 2, 2, "},\n");
  return values;
}

}  // namespace

std::string write_vectors_h(const FirmwareModel& model) {
  return fill_template(kVectorsHeader, {{"origin", origin_line(model)},
                                        {"n", model.name()},
                                        {"U", model.upper},
                                        {"images", std::to_string(model.options.self_test.images.size())},
                                        {"input_bytes", std::to_string(ir::input_elements(model.graph))},
                                        {"output_bytes", std::to_string(ir::output_elements(model.graph))},
                                        {"layers", std::to_string(model.graph.layers.size())}});
}

std::string write_vectors_c(const FirmwareModel& model) {
  const auto& images = model.options.self_test.images;
  const quant::Int8Interpreter interpreter(model.graph);
  std::vector<Expected> expected(images.size());
  quant::Int8History history;  // calls of a streaming network follow one another, from the first on
  if (model.streams())
    for (std::size_t i = 0; i < images.size(); ++i)
      expected[i] = expected_of(model, interpreter, images[i], history);
  else
    parallel_for_index(images.size(), [&](std::size_t i) {
      quant::Int8History none;
      expected[i] = expected_of(model, interpreter, images[i], none);
    });

  std::string inputs, outputs, checks;
  for (std::size_t i = 0; i < images.size(); ++i) {
    inputs += braced(dense_numbers(images[i], 5));
    outputs += braced(dense_numbers(expected[i].output, 5));
    checks += braced(check_numbers(expected[i].checks));
  }
  const std::string& name = model.name();
  const auto array = [&](std::string_view type, std::string_view of, Bytes size, const std::string& values) {
    return fmt::format("\n{}_VECTORS_PLACE const {} {}_vectors_{}[{}][{}] = {{\n{}}};\n", model.upper, type,
                       name, of, images.size(), size, values);
  };
  return fmt::format("/* {0}_vectors.c: {1}\n", name, origin_line(model)) +
         comment_lines("Inputs: " + plain_text(model.options.self_test.source) + ".") +
         fmt::format(" */\n#include \"{}_vectors.h\"\n", name) +
         array("int8_t", "inputs", ir::input_elements(model.graph), inputs) +
         array("int8_t", "outputs", ir::output_elements(model.graph), outputs) +
         array("uint32_t", "checks", static_cast<Bytes>(model.graph.layers.size()), checks);
}

}  // namespace tinynas::engine
