#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "command.h"
#include "model_source.h"
#include "tinynas/app/model.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/cost/engines.h"
#include "tinynas/report/memory_map.h"
#include "tinynas/report/svg.h"

namespace tinynas::tool {
namespace {

struct ProfileOptions {
  ModelSource model;
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

/// What another engine's rules say of a network: totals only, since tinynas does not plan its memory.
void profile_baseline(const ProfileOptions& options, cost::Engine engine) {
  if (!options.svg.empty())
    throw ConfigError(
        fmt::format("--svg: there is a memory map for --engine rows only, not for {}", options.engine));
  const ir::Graph graph = load_graph(options.model);
  const cost::Device device = cost::load_device(options.device, "--device");
  const cost::Footprint f = cost::BaselineEvaluator(device, engine)(graph);
  const std::vector<cost::Miss> missed = cost::misses(f, budget(options));
  if (options.json) {
    nlohmann::ordered_json layers = nlohmann::ordered_json::array();
    for (std::size_t l = 0; l < graph.layers.size(); ++l)
      layers.push_back({{"name", ir::describe_layer(graph, static_cast<int>(l))},
                        {"macs", ir::layer_macs(graph, graph.layers[l])}});
    const nlohmann::ordered_json out = {{"model", options.model.model},
                                        {"device", device.name},
                                        {"engine", options.engine},
                                        {"macs", f.macs},
                                        {"params", f.params},
                                        {"sram_bytes", f.sram_bytes},
                                        {"arena_bytes", f.arena_bytes},
                                        {"activation_bytes", f.activation_bytes},
                                        {"scratch_bytes", f.scratch_bytes},
                                        {"input_bytes", f.input_bytes},
                                        {"flash_bytes", f.flash_bytes},
                                        {"latency_ms", f.latency_ms},
                                        {"energy_mj", f.energy_mj},
                                        {"extra_macs", f.extra_macs},
                                        {"fits", missed.empty()},
                                        {"segments", nlohmann::ordered_json::array()},
                                        {"layers", layers}};
    return fmt::print("{}\n", out.dump(2));
  }
  fmt::print("{} on {} by the rules of {} (a model for comparison; docs/cost-model.md, section 7)\n\n",
             options.model.model, device.name, options.engine);
  fmt::print("SRAM    {:>12} B  (activations {}, buffers {})\nFlash   {:>12} B\n", f.sram_bytes,
             f.activation_bytes, f.scratch_bytes, f.flash_bytes);
  fmt::print("latency {:>12.2f} ms\nMACs    {:>12}\n", f.latency_ms, f.macs);
  if (!missed.empty()) fmt::print("does not fit: {}\n", cost::describe(missed));
}

void run(const ProfileOptions& options) {
  if (const cost::Engine engine = cost::parse_engine(options.engine, "--engine");
      engine != cost::Engine::kRows)
    return profile_baseline(options, engine);
  const report::Profile profile =
      app::profile(load_graph(options.model),
                   {.device = cost::load_device(options.device, "--device"),
                    .input = options.input == "rows" ? cost::InputMode::kRows : cost::InputMode::kFrame,
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
                  "rows: camera lines are pushed; frame: a frame is held and counted")
      ->check(CLI::IsMember({"rows", "frame"}))
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
  sub->add_flag("--json", options->json, "as JSON");
  sub->footer(
      "Examples:\n  tinynas profile runs/small/model.onnx --device stm32f746 --svg map.svg\n"
      "  tinynas profile 'r28-w1.0 d2,2,2 ...' --space search_spaces/small_images.yaml --classes 10 "
      "--channels 1\n"
      "  tinynas profile model.onnx --device stm32h743 --engine tinyengine");
  sub->callback([options] { run(*options); });
}

}  // namespace tinynas::tool
