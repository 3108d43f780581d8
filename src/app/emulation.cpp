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

/// All outputs as the interpreter gives them, [H, W, C], in the order of the firmware's: [H][C][W] each.
std::vector<std::int8_t> as_firmware_makes(const ir::Graph& graph, const std::vector<std::int8_t>& outputs) {
  std::vector<std::int8_t> made;
  std::size_t start = 0;
  for (int i = 0; i < graph.output_count(); ++i) {
    const ir::Shape& shape = graph.tensor(graph.output_tensor(i));
    for (int y = 0; y < shape.h; ++y)
      for (int c = 0; c < shape.c; ++c)
        for (int x = 0; x < shape.w; ++x)
          made.push_back(outputs[start + at((y * shape.w + x) * shape.c + c)]);
    start += at(shape.elements());
  }
  return made;
}

void compare(EmulationCheck& check, const std::vector<std::vector<std::int8_t>>& emulated,
             const std::vector<std::vector<std::int8_t>>& expected) {
  TINYNAS_CHECK(emulated.size() == expected.size(), "one emulated output per image");
  for (std::size_t i = 0; i < emulated.size(); ++i) {
    TINYNAS_CHECK(emulated[i].size() == expected[i].size(), "an emulated output has the network's size");
    check.output_bytes += expected[i].size();
    for (std::size_t k = 0; k < expected[i].size(); ++k)
      check.equal_bytes += emulated[i][k] == expected[i][k] ? 1 : 0;
  }
}

double accuracy_of(const std::vector<std::vector<std::int8_t>>& outputs, const data::ImageSet& images) {
  std::size_t right = 0;
  for (std::size_t i = 0; i < outputs.size(); ++i) right += class_of(outputs[i]) == images.labels[i] ? 1 : 0;
  return outputs.empty() ? 0 : 100.0 * static_cast<double>(right) / static_cast<double>(outputs.size());
}

/// The layer that makes a tensor; the number of layers if none does.
std::size_t maker_of(const ir::Graph& graph, int tensor) {
  return static_cast<std::size_t>(std::ranges::find(graph.layers, tensor, &ir::Layer::output) -
                                  graph.layers.begin());
}

/// A firmware folder, and where it is built and run.
struct Firmware {
  std::filesystem::path folder, build;
  cost::Core core;
};

/// `graph` is the quantized network that the firmware was made of. Keeps the outputs in `outputs`.
EmulationCheck check_in_emulator(const ir::Graph& graph, const Firmware& firmware, CountLayers count,
                                 const std::vector<std::vector<std::int8_t>>& inputs,
                                 std::vector<std::vector<std::int8_t>>& outputs, const ProgressFn& progress,
                                 const StopToken& stop) {
  const emulator::EmulateOptions options{.core = firmware.core,
                                         .image_rows = graph.tensor(graph.input).h,
                                         .image_bytes = ir::input_elements(graph),
                                         .output_bytes = ir::output_elements(graph),
                                         .count_steps = count == CountLayers::kYes};
  emulator::Emulation emulation =
      emulator::emulate(firmware.folder, options, inputs, firmware.build, progress, stop);
  EmulationCheck check{.images = inputs.size(),
                       .core = firmware.core,
                       .instructions = emulation.instructions,
                       .stack_bytes = emulation.stack_bytes,
                       .arena_unused_bytes = emulation.arena_unused_bytes,
                       .layers = emulated_layers(graph, emulation.steps),
                       .sizes = emulation.sizes};
  std::vector<std::vector<std::int8_t>> expected = quant::run_all(quant::Int8Interpreter(graph), inputs);
  for (std::vector<std::int8_t>& output : expected) output = as_firmware_makes(graph, output);
  compare(check, emulation.outputs, expected);
  outputs = std::move(emulation.outputs);
  return check;
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
  std::vector<std::vector<std::int8_t>> outputs;
  EmulationCheck check = check_in_emulator(graph, {.folder = firmware, .build = build, .core = core},
                                           settings.count, as_int8(test), outputs, progress, stop);
  check.accuracy = accuracy_of(outputs, test);
  return check;
}

EmulationCheck emulate_model(const Model& model, const EmulateModelSettings& settings,
                             const std::filesystem::path& folder, const ProgressFn& progress,
                             const StopToken& stop) {
  const cost::Core core = settings.target.device.core;
  const cost::Footprint needs = profile(model.graph, settings.target, "").footprint;
  emulator::require_board(core, needs.flash_bytes, needs.sram_bytes, model.file);
  compile_model(model, folder / "firmware", settings.target);
  std::vector<std::vector<std::int8_t>> outputs;
  return check_in_emulator(model.graph,
                           {.folder = folder / "firmware", .build = folder / "build", .core = core},
                           settings.count, settings.inputs, outputs, progress, stop);
}

std::string to_json(const EmulationCheck& check) { return text(Emulated{.check = check}); }

}  // namespace tinynas::app
