#include <fmt/format.h>

#include "cli/command.h"
#include "tinynas/app/pipeline.h"
#include "tinynas/app/result.h"

namespace tinynas::cli {

void add_report(CLI::App& app, const Shell&) {
  struct Options {
    std::string run, pictures;
    bool json = false;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* sub = app.add_subcommand("report", "Write a run's result.json, README.md and report.html again");
  sub->add_option("run", options->run, "folder of the run")->required()->type_name("RUN");
  sub->add_option("--pictures", options->pictures, "write the drawings of the page here, as SVG files")
      ->type_name("DIR");
  sub->add_flag("--json", options->json, "result.json on stdout");
  sub->footer("Example:\n  tinynas report runs/small --pictures pictures");
  sub->callback([options] {
    const app::RunDirectory run = app::RunDirectory::open(options->run);
    app::rewrite_report(run, options->pictures);
    options->json ? fmt::print("{}", app::to_json(app::find_result(run).value()))
                  : fmt::print("{}\n", (run / "report.html").string());
  });
}

}  // namespace tinynas::cli
