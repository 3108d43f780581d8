#include "tinynas/app/emulation.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/images.h"
#include "app/problem.h"
#include "app/run/records.h"
#include "tinynas/app/model.h"
#include "tinynas/core/error.h"
#include "tinynas/cost/device.h"
#include "tinynas/ir/ops.h"
#include "tinynas/onnx/onnx.h"
#include "tinynas/quant/interpreter.h"

namespace tinynas::app {
namespace {

std::vector<std::vector<std::int8_t>> as_int8(const data::ImageSet& images) {
  std::vector<std::vector<std::int8_t>> all;
  for (std::size_t i = 0; i < images.size(); ++i) all.push_back(quant::pixels_to_int8(images.image(i)));
  return all;
}

std::size_t class_of(const std::vector<std::int8_t>& output) {
  return static_cast<std::size_t>(std::max_element(output.begin(), output.end()) - output.begin());
}

void compare(EmulationCheck& check, const std::vector<std::vector<std::int8_t>>& emulated,
             const std::vector<std::vector<std::int8_t>>& expected, const data::ImageSet& images) {
  TINYNAS_CHECK(emulated.size() == expected.size(), "one emulated output per image");
  std::size_t right = 0;
  for (std::size_t i = 0; i < emulated.size(); ++i) {
    TINYNAS_CHECK(emulated[i].size() == expected[i].size(), "an emulated output has the network's size");
    check.output_bytes += expected[i].size();
    for (std::size_t k = 0; k < expected[i].size(); ++k)
      check.equal_bytes += emulated[i][k] == expected[i][k] ? 1 : 0;
    right += class_of(emulated[i]) == images.labels[i] ? 1 : 0;
  }
  check.accuracy =
      emulated.empty() ? 0 : 100.0 * static_cast<double>(right) / static_cast<double>(emulated.size());
}

/// The layer that makes a tensor; the number of layers if none does.
std::size_t maker_of(const ir::Graph& graph, int tensor) {
  return static_cast<std::size_t>(std::ranges::find(graph.layers, tensor, &ir::Layer::output) -
                                  graph.layers.begin());
}

}  // namespace

std::vector<EmulatedLayer> emulated_layers(const ir::Graph& graph,
                                           std::vector<emulator::StepInstructions> steps) {
  std::ranges::stable_sort(steps, {}, [&](const auto& step) { return maker_of(graph, step.tensor); });
  std::vector<EmulatedLayer> layers;
  for (const emulator::StepInstructions& step : steps) {
    EmulatedLayer& emulated = layers.emplace_back();
    emulated.step = step;
    const std::size_t i = maker_of(graph, step.tensor);
    if (i == graph.layers.size()) continue;
    emulated.name = graph.names.empty() ? "" : graph.names[i];
    emulated.op = ir::op_name(graph.layers[i].op);
    emulated.macs = ir::layer_macs(graph, graph.layers[i]);
  }
  return layers;
}

EmulationCheck check_in_emulator(const ir::Graph& graph, const std::filesystem::path& firmware,
                                 cost::Core core, CountLayers count, const data::ImageSet& images,
                                 const std::filesystem::path& build_folder, const ProgressFn& progress,
                                 const StopToken& stop) {
  const auto frames = as_int8(images);
  const emulator::EmulateOptions options{.core = core,
                                         .image_rows = graph.tensor(graph.input).h,
                                         .image_bytes = ir::input_elements(graph),
                                         .output_bytes = ir::output_elements(graph),
                                         .count_steps = count == CountLayers::kYes};
  const emulator::Emulation emulation =
      emulator::emulate(firmware, options, frames, build_folder, progress, stop);
  EmulationCheck check{.images = images.size(),
                       .core = core,
                       .instructions = emulation.instructions,
                       .stack_bytes = emulation.stack_bytes,
                       .arena_unused_bytes = emulation.arena_unused_bytes,
                       .layers = emulated_layers(graph, emulation.steps),
                       .sizes = emulation.sizes};
  compare(check, emulation.outputs, quant::run_all(quant::Int8Interpreter(graph), frames), images);
  return check;
}

EmulationCheck emulate_run(const RunDirectory& run, const EmulateSettings& settings,
                           const ProgressFn& progress, const StopToken& stop) {
  if (!run.has(kModelFile) || !run.has(kCompileFile))
    throw IoError(fmt::format("{}: has no firmware yet; finish it first with tinynas resume {}",
                              run.path().string(), run.path().string()));
  const ir::Graph graph = onnx::import_onnx(run / kModelFile).graph;
  const int resolution = graph.tensors[static_cast<std::size_t>(graph.input)].h;
  const data::ImageSet test = Images(run.experiment()).first_test(settings.images, resolution);
  Target target = target_of(run.experiment(), cost::load_device(run.experiment().device, "device"));
  const cost::Core core = settings.core.value_or(target.device.core);
  std::filesystem::path firmware = run / kFirmwareFolder, build = run / kEmulatorFolder;
  if (core != target.device.core) {
    build /= cost::core_info(core).name;
    firmware = build / "firmware";
    target.device.core = core;
    compile_model(read_model(run / kModelFile), firmware, target);
  }
  return check_in_emulator(graph, firmware, core, settings.count, test, build, progress, stop);
}

std::string to_json(const EmulationCheck& check) { return text(Emulated{.check = check}); }

}  // namespace tinynas::app
