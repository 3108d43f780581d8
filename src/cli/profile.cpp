#include <fmt/format.h>

#include "cli/calibration_flags.h"
#include "cli/command.h"
#include "cli/model_source.h"
#include "tinynas/app/model.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/cost/engines.h"
#include "tinynas/report/memory_map.h"
#include "tinynas/report/svg.h"

namespace tinynas::cli {
namespace {

struct ProfileOptions {
  ModelSource model;
  app::CalibrationSource calibration;
  std::string device = "stm32f746", sram, flash, latency, input = "rows", svg, engine = "rows";
  int patches = 1;
  bool json = false;
};

cost::Budget budget(const ProfileOptions& options) {
  cost::Budget budget;
  if (!options.sram.empty()) budget.sram_bytes = parse_bytes(options.sram, "--sram");
  if (!options.flash.empty()) budget.flash_bytes = parse_bytes(options.flash, "--flash");
  if (!options.latency.empty()) budget.latency_ms = parse_millis(options.latency, "--latency");
  return budget;
}

void profile_baseline(const ProfileOptions& options, cost::Engine engine) {
  if (!options.svg.empty())
    throw ConfigError(
        fmt::format("--svg: there is a memory map for --engine rows only, not for {}", options.engine));
  report::EngineProfile profile{.model = options.model.model,
                                .engine = options.engine,
                                .graph = load_model(options.model, options.calibration).graph,
                                .device = cost::load_device(options.device, "--device"),
                                .budget = budget(options)};
  profile.footprint = cost::BaselineEvaluator(profile.device, engine)(profile.graph);
  fmt::print("{}", options.json ? report::profile_json(profile) : report::profile_text(profile));
}

void run(const ProfileOptions& options) {
  if (const cost::Engine engine = cost::parse_engine(options.engine, "--engine");
      engine != cost::Engine::kRows)
    return profile_baseline(options, engine);
  const report::Profile profile = app::profile(load_model(options.model, options.calibration),
                                               {.device = cost::load_device(options.device, "--device"),
                                                .input = cost::parse_input_mode(options.input, "--input"),
                                                .budget = budget(options),
                                                .most_columns = options.patches},
                                               options.model.model);
  if (!options.svg.empty()) write_file(options.svg, report::standalone_svg(report::memory_map_svg(profile)));
  fmt::print("{}", options.json ? report::profile_json(profile) : report::profile_text(profile));
}

}  // namespace

void add_profile(CLI::App& app, const Shell&) {
  const auto options = std::make_shared<ProfileOptions>();
  CLI::App* sub =
      app.add_subcommand("profile", "Memory, Flash and latency of a network on a device, layer by layer");
  add_model_source(*sub, options->model);
  sub->add_option("--device", options->device, "microcontroller or its YAML file")
      ->type_name("NAME")
      ->capture_default_str();
  sub->add_option("--sram", options->sram, "limit to compare with")->type_name("SIZE");
  sub->add_option("--flash", options->flash, "limit to compare with")->type_name("SIZE");
  sub->add_option("--latency", options->latency, "limit to compare with")->type_name("TIME");
  sub->add_option("--input", options->input,
                  "rows: camera lines are pushed; dma: a DMA writes the next one meanwhile; frame: a frame "
                  "is held and counted")
      ->check(CLI::IsMember(std::vector<std::string>(cost::kInputModes.begin(), cost::kInputModes.end())))
      ->capture_default_str();
  sub->add_option("--engine", options->engine, "whose rules: rows (ours), tinyengine, cmsis-nn, tflite-micro")
      ->type_name("NAME")
      ->capture_default_str();
  sub->add_option(
         "--patches", options->patches,
         "with --input frame and --sram: column patches that may be planned to keep the limit (analysis: "
         "they cannot be compiled)")
      ->type_name("N")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  sub->add_option("--svg", options->svg, "write the memory map (which bytes are alive when) here")
      ->type_name("FILE");
  add_calibration_flags(*sub, options->calibration,
                        "without it the costs alone are stated, which do not depend on the values");
  sub->add_flag("--json", options->json, "as JSON");
  sub->footer(
      "Examples:\n  tinynas profile runs/small/model.onnx --device stm32f746 --svg map.svg\n"
      "  tinynas profile 'r28-w1.0 d2,2,2 ...' --space search_spaces/small_images.yaml --classes 10 "
      "--channels 1\n"
      "  tinynas profile model.onnx --device stm32h743 --engine tinyengine\n"
      "  tinynas profile mobilenet_float.tflite --calibrate pictures --input-mean 127.5 --input-std 127.5");
  sub->callback([options] { run(*options); });
}

}  // namespace tinynas::cli
