#include <fmt/format.h>

#include <filesystem>
#include <optional>

#include "cli/calibration_flags.h"
#include "cli/command.h"
#include "cli/model_source.h"
#include "cli/progress_line.h"
#include "cli/work_folder.h"
#include "tinynas/app/emulation.h"
#include "tinynas/app/network_inputs.h"
#include "tinynas/app/self_test.h"
#include "tinynas/core/error.h"
#include "tinynas/report/table.h"

namespace tinynas::cli {
namespace {

constexpr int kRandomInputs = 10;  // where no number is given

struct EmulateFlags {
  std::string model, core, device;
  std::vector<std::string> inputs;
  std::optional<int> images;
  app::CalibrationSource calibration;
  bool layers = false, json = false;
};

report::Table layer_table(const std::vector<app::EmulatedLayer>& layers) {
  using report::Align;
  report::Table table{.columns = {{"tensor"},
                                  {"layer", Align::kWords},
                                  {"operation", Align::kWords},
                                  {"instructions"},
                                  {"per MAC"},
                                  {"loads"},
                                  {"stores"},
                                  {"multiplies"},
                                  {"vector"}}};
  for (const app::EmulatedLayer& layer : layers) {
    const auto count = [&](auto... events) { return std::to_string((layer.step.events[events] + ...)); };
    const bool between = layer.step.tensor < 0;
    const double total = static_cast<double>(layer.step.total());
    table.rows.push_back(
        {.cells = {between ? "" : fmt::format("t{}", layer.step.tensor),
                   between ? "between the layers" : layer.name, std::string(layer.op),
                   std::to_string(layer.step.total()),
                   layer.macs == 0 ? "" : fmt::format("{:.2f}", total / static_cast<double>(layer.macs)),
                   count(cost::Event::kLoad), count(cost::Event::kStore),
                   count(cost::Event::kMultiply, cost::Event::kLongMultiply),
                   count(cost::Event::kVectorMemory, cost::Event::kVector)}});
  }
  return table;
}

/// `inputs`: "test images".
void print(const app::EmulationCheck& check, const std::string& inputs) {
  const std::string right = check.accuracy ? fmt::format("{:.2f} % right, ", *check.accuracy) : "";
  fmt::print(
      "{} {} on {}: {}{} of {} output bytes equal the interpreter's\n"
      "{} instructions per inference, stack {} bytes, SRAM {} bytes (arena {}, {} of it never written), "
      "Flash {} "
      "bytes in the ELF file; no guard zone touched\n",
      check.images, inputs, cost::core_info(check.core).name, right, check.equal_bytes, check.output_bytes,
      check.instructions, check.stack_bytes, check.sizes.sram(), check.sizes.arena, check.arena_unused_bytes,
      check.sizes.flash());
  if (!check.layers.empty()) fmt::print("\n{}", report::to_text(layer_table(check.layers)));
}

std::optional<cost::Core> core_of(const EmulateFlags& options) {
  if (options.core.empty()) return {};
  return cost::parse_core(options.core, "--core");
}

app::CountLayers count_of(const EmulateFlags& options) {
  return options.layers ? app::CountLayers::kYes : app::CountLayers::kNo;
}

void require_flags_of_runs(const EmulateFlags& options) {
  if (!options.device.empty()) throw ConfigError("--device: a run has its own; --core emulates another core");
  if (!options.inputs.empty())
    throw ConfigError("--inputs: a run is emulated on its test images; leave it out");
  if (!options.calibration.from.empty()) throw ConfigError("--calibrate: a run is in int8; leave it out");
}

std::vector<std::vector<std::int8_t>> inputs_for(const app::Model& model, const EmulateFlags& options) {
  if (options.inputs.empty())
    return app::random_inputs(options.images.value_or(kRandomInputs))(model.graph).images;
  auto inputs = app::read_network_inputs(model, options.inputs, options.calibration).in_int8;
  if (options.images) inputs.resize(std::min(inputs.size(), static_cast<std::size_t>(*options.images)));
  return inputs;
}

app::EmulateModelSettings settings_of(const EmulateFlags& options, const app::Model& model) {
  app::EmulateModelSettings settings{.inputs = inputs_for(model, options), .count = count_of(options)};
  settings.target.device =
      cost::load_device(options.device.empty() ? "stm32f746" : options.device, "--device");
  settings.target.device.core = core_of(options).value_or(settings.target.device.core);
  return settings;
}

void tell(const EmulateFlags& options, const app::EmulationCheck& check, const std::string& inputs) {
  if (options.json)
    fmt::print("{}", app::to_json(check));
  else
    print(check, inputs);
  if (!check.all_equal())
    throw InternalError(fmt::format(
        "{}: {} output bytes of the emulated firmware differ from the interpreter's; please report this",
        options.model, check.output_bytes - check.equal_bytes));
}

/// Of a run, on its test images.
void emulate_run(const EmulateFlags& options, const Shell& shell) {
  require_flags_of_runs(options);
  const app::RunDirectory run = app::RunDirectory::open(options.model);
  app::EmulateSettings settings{.core = core_of(options), .count = count_of(options)};
  if (options.images) settings.images = *options.images;
  ProgressLine line(shell.quiet);
  line.begin("emulate");
  const app::EmulationCheck check = app::emulate_run(run, settings, line.callback(), shell.stop);
  line.end("");
  tell(options, check, "test images");
}

/// Of a file, on the inputs that were named, else random ones.
void emulate_file(const EmulateFlags& options, const Shell& shell) {
  const app::Model model =
      app::read_model(model_file(options.model), options.calibration, app::Uncalibrated::kCosted);
  const app::EmulateModelSettings settings = settings_of(options, model);
  const WorkFolder folder("emulate");
  ProgressLine line(shell.quiet);
  line.begin("emulate");
  const app::EmulationCheck check =
      app::emulate_model(model, settings, folder.path(), line.callback(), shell.stop);
  line.end("");
  tell(options, check,
       std::string(options.inputs.empty() ? "random input" : "input") + (check.images == 1 ? "" : "s"));
  if (!options.json && model.quantization)
    fmt::print("{}", report::quantization_line(*model.quantization, model.graph));
}

void run(const EmulateFlags& options, const Shell& shell) {
  std::filesystem::is_directory(options.model) ? emulate_run(options, shell) : emulate_file(options, shell);
}

}  // namespace

void add_emulate(CLI::App& app, const Shell& shell) {
  const auto options = std::make_shared<EmulateFlags>();
  CLI::App* sub =
      app.add_subcommand("emulate", "Build firmware, run it in QEMU, compare it with the interpreter");
  sub->add_option("model", options->model, "folder of a run, or an .onnx or .tflite file")
      ->required()
      ->type_name("MODEL");
  sub->add_option("--images", options->images,
                  "of a run: test images (100); of a file: random inputs (10), or at most N of --inputs")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  sub->add_option("--inputs", options->inputs,
                  "of a file: files or folders of inputs, as in tinynas run; repeatable")
      ->type_name("FILE")
      ->allow_extra_args(false);
  sub->add_option("--device", options->device, "of a file: microcontroller or its YAML file (stm32f746)")
      ->type_name("NAME");
  sub->add_option("--core", options->core, "another core than the device's, planned for anew")
      ->type_name("CORE");
  sub->add_flag("--layers", options->layers,
                "count the instructions of every layer (one more run; needs cc)");
  add_calibration_flags(*sub, options->calibration, "without it ranges are those of random inputs");
  sub->add_flag("--json", options->json, "as JSON");
  sub->footer(
      "Examples:\n  tinynas emulate runs/small --core cortex-m55 --layers\n"
      "  tinynas emulate person_detect.tflite --core cortex-m4");
  sub->callback([options, &shell] { run(*options, shell); });
}

}  // namespace tinynas::cli
