#include <numeric>

#include "emulator/build.h"
#include "tinynas/core/error.h"
#include "tinynas/cost/device.h"
#include "tinynas/cost/plan.h"
#include "tinynas/emulator/calibration.h"
#include "tinynas/engine/firmware.h"

namespace tinynas::emulator {
namespace {

/// A board that no network is too large for.
cost::Device large_board(cost::Core core) {
  return {.name = "emulator", .core = core, .clock_hz = 1e6, .sram_bytes = 2 * kMiB, .flash_bytes = 4 * kMiB};
}

std::vector<std::int8_t> some_image(const ir::Shape& input) {
  std::vector<std::int8_t> image(at(input.bytes()));
  std::iota(image.begin(), image.end(), std::int8_t{0});
  return image;
}

}  // namespace

MeasuredNetwork measure_network(const ir::Graph& graph, cost::Core core, const std::filesystem::path& folder,
                                const StopToken& stop) {
  const std::string name = "probe";
  const cost::Schedule schedule = cost::plan(graph, {.isa = cost::core_info(core).isa});
  engine::write_firmware(
      engine::generate_firmware(graph, schedule, {.name = name, .device = large_board(core), .source = name}),
      folder / name);
  const ir::Shape& input = graph.tensor(graph.input);
  const EmulateOptions options{
      .name = name, .core = core, .image_rows = input.h, .image_bytes = input.bytes(), .output_bytes = 0};
  MeasuredNetwork measured;
  measured.layers.resize(graph.layers.size());
  for (const StepInstructions& step :
       count_step_instructions(folder / name, options, some_image(input), folder / "build", stop)) {
    if (step.tensor < 0) {
      measured.between = step.events;
      continue;
    }
    for (std::size_t l = 0; l < graph.layers.size(); ++l)
      if (graph.layers[l].output == step.tensor) measured.layers[l] = step.events;
  }
  constexpr std::int64_t kMostPerInstruction = 16;  // values that a vector instruction makes
  for (std::size_t l = 0; l < graph.layers.size(); ++l)
    TINYNAS_CHECK(measured.layers[l].instructions() * kMostPerInstruction >=
                      graph.out_shape(graph.layers[l]).elements(),
                  "every layer of a measured network runs to its end");
  return measured;
}

}  // namespace tinynas::emulator
