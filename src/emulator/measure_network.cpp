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

std::vector<std::int8_t> some_image(Bytes bytes) {
  std::vector<std::int8_t> image(at(bytes));
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
  const EmulateOptions options{.name = name,
                               .core = core,
                               .image_rows = graph.tensor(graph.input).h,
                               .image_bytes = ir::input_elements(graph),
                               .output_bytes = 0};
  MeasuredNetwork measured;
  measured.layers.resize(graph.layers.size());
  for (const StepInstructions& step : count_step_instructions(
           folder / name, options, some_image(options.image_bytes), folder / "build", stop)) {
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
