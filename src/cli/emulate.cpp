#include <fmt/format.h>

#include "cli/command.h"
#include "cli/progress_line.h"
#include "tinynas/app/emulation.h"
#include "tinynas/core/error.h"
#include "tinynas/report/table.h"

namespace tinynas::cli {
namespace {

struct EmulateFlags {
  std::string run, core;
  int images = 100;
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

void print(const app::EmulationCheck& check) {
  fmt::print(
      "{} test images on {}: {:.2f} % right, {} of {} output bytes equal the interpreter's\n"
      "{} instructions per image, stack {} bytes, SRAM {} bytes (arena {}, {} of it never written), Flash {} "
      "bytes in the ELF file; no guard zone touched\n",
      check.images, cost::core_info(check.core).name, check.accuracy, check.equal_bytes, check.output_bytes,
      check.instructions, check.stack_bytes, check.sizes.sram(), check.sizes.arena, check.arena_unused_bytes,
      check.sizes.flash());
  if (!check.layers.empty()) fmt::print("\n{}", report::to_text(layer_table(check.layers)));
}

void run(const EmulateFlags& options, const Shell& shell) {
  const app::RunDirectory run = app::RunDirectory::open(options.run);
  app::EmulateSettings settings{.images = options.images};
  if (!options.core.empty()) settings.core = cost::parse_core(options.core, "--core");
  if (options.layers) settings.count = app::CountLayers::kYes;
  ProgressLine line(shell.quiet);
  line.begin("emulate");
  const app::EmulationCheck check = app::emulate_run(run, settings, line.callback(), shell.stop);
  line.end("");
  if (options.json)
    fmt::print("{}", app::to_json(check));
  else
    print(check);
  if (!check.all_equal())
    throw InternalError(fmt::format(
        "{}: {} output bytes of the emulated firmware differ from the interpreter's; please report this",
        options.run, check.output_bytes - check.equal_bytes));
}

}  // namespace

void add_emulate(CLI::App& app, const Shell& shell) {
  const auto options = std::make_shared<EmulateFlags>();
  CLI::App* sub = app.add_subcommand("emulate", "Build a run's firmware and run it on test images in QEMU");
  sub->add_option("run", options->run, "folder of the run")->required()->type_name("RUN");
  sub->add_option("--images", options->images, "test images")
      ->type_name("N")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  sub->add_option("--core", options->core, "another core than the device's, planned for anew")
      ->type_name("CORE");
  sub->add_flag("--layers", options->layers,
                "count the instructions of every layer (one more run; needs cc)");
  sub->add_flag("--json", options->json, "as JSON");
  sub->footer("Example:\n  tinynas emulate runs/small --core cortex-m55 --layers");
  sub->callback([options, &shell] { run(*options, shell); });
}

}  // namespace tinynas::cli
