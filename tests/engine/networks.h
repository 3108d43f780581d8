#pragma once

#include <string>
#include <vector>

#include "support/quantized_graphs.h"
#include "tinynas/cost/device.h"
#include "tinynas/cost/plan.h"
#include "tinynas/engine/firmware.h"
#include "tinynas/quant/interpreter.h"

namespace tinynas::test {

using Images = std::vector<std::vector<std::int8_t>>;

inline Images random_images(const ir::Graph& graph, Rng rng, int count) {
  Images images;
  const auto size = ir::input_elements(graph);
  for (int i = 0; i < count; ++i)
    images.push_back(
        quant::pixels_to_int8(random_pixels(rng.fork("image", static_cast<std::uint64_t>(i)), size)));
  return images;
}

/// Outputs [H, W, C] one behind the other as firmware lays them out: each row by row [C][W].
inline std::vector<std::int8_t> in_planes(const ir::Graph& graph, const std::vector<std::int8_t>& outputs) {
  std::vector<std::int8_t> planes;
  std::int64_t begin = 0;
  for (int i = 0; i < graph.output_count(); ++i) {
    const ir::Shape& shape = graph.tensor(graph.output_tensor(i));
    for (int y = 0; y < shape.h; ++y)
      for (int c = 0; c < shape.c; ++c)
        for (int x = 0; x < shape.w; ++x)
          planes.push_back(outputs[at(begin + (std::int64_t{y} * shape.w + x) * shape.c + c)]);
    begin += shape.elements();
  }
  return planes;
}

/// A quantized network, images for it, and what the interpreter makes of them.
struct Oracle {
  explicit Oracle(ir::Graph quantized, Rng rng, int count = 3)
      : graph(std::move(quantized)), images(random_images(graph, rng, count)) {
    const quant::Int8Interpreter interpreter(graph);
    for (const auto& image : images) expected.push_back(interpreter.run(image));
  }
  explicit Oracle(std::uint64_t seed, int blocks = 3)
      : Oracle(random_quantized_network(Rng(seed), blocks), Rng(seed).fork("test")) {}
  const ir::Shape& input() const { return graph.tensors[static_cast<std::size_t>(graph.input)]; }

  ir::Graph graph;
  Images images, expected;
};

/// A board that no budget binds.
inline cost::Device test_device(cost::Core core = cost::Core::kCortexM7) {
  return {
      .name = "test-board", .core = core, .clock_hz = 216e6, .sram_bytes = 320 * kKiB, .flash_bytes = kMiB};
}

inline engine::FirmwareOptions firmware_options(const std::string& name,
                                                const cost::Device& device = test_device()) {
  return {.name = name, .device = device, .source = "model.onnx", .source_hash = "0123456789abcdef"};
}

/// Planned for the device and generated.
inline std::vector<engine::GeneratedFile> generate(const ir::Graph& graph,
                                                   const engine::FirmwareOptions& options) {
  const cost::KernelIsa isa = cost::core_info(options.device.core).isa;
  return engine::generate_firmware(graph, cost::plan(graph, {.isa = isa}), options);
}
inline std::vector<engine::GeneratedFile> generate(const Oracle& oracle,
                                                   const engine::FirmwareOptions& options) {
  return generate(oracle.graph, options);
}

}  // namespace tinynas::test
