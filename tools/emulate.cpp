#include <fmt/format.h>

#include "command.h"
#include "progress_line.h"
#include "tinynas/app/emulation.h"
#include "tinynas/core/error.h"

namespace tinynas::tool {
namespace {

struct EmulateFlags {
  std::string run;
  int images = 100;
  bool json = false;
};

void run(const EmulateFlags& options, const Shell& shell) {
  const app::RunDirectory run = app::RunDirectory::open(options.run);
  ProgressLine line(shell.quiet);
  line.begin("emulate");
  const app::EmulationCheck check = app::emulate_run(run, options.images, line.callback(), shell.stop);
  line.end("");
  if (options.json)
    fmt::print("{}", app::to_json(check));
  else
    fmt::print(
        "{} test images: {:.2f} % right, {} of {} output bytes equal the interpreter's\n"
        "{} instructions per image, stack {} bytes, SRAM {} bytes (arena {}), Flash {} bytes in the ELF "
        "file\n",
        check.images, check.accuracy, check.equal_bytes, check.output_bytes, check.instructions,
        check.stack_bytes, check.sizes.sram(), check.sizes.arena, check.sizes.flash());
  if (!check.all_equal())
    throw InternalError(fmt::format(
        "{}: {} output bytes of the emulated firmware differ from the interpreter's; please report this",
        options.run, check.output_bytes - check.equal_bytes));
}

}  // namespace

void add_emulate(CLI::App& app, const Shell& shell) {
  const auto options = std::make_shared<EmulateFlags>();
  CLI::App* sub =
      app.add_subcommand("emulate", "Build a run's firmware and run it on test images in QEMU (Cortex-M)");
  sub->add_option("run", options->run, "folder of the run")->required()->type_name("RUN");
  sub->add_option("--images", options->images, "test images")
      ->type_name("N")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  sub->add_flag("--json", options->json, "as JSON");
  sub->footer("Example:\n  tinynas emulate runs/small --images 100");
  sub->callback([options, &shell] { run(*options, shell); });
}

}  // namespace tinynas::tool
