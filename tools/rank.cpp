#include <fmt/format.h>

#include "command.h"
#include "experiment_flags.h"
#include "progress_line.h"
#include "tinynas/app/ranking.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/report/plot.h"
#include "tinynas/report/svg.h"

namespace tinynas::tool {
namespace {

struct Options {
  std::shared_ptr<ExperimentFlags> experiment;
  std::string svg;
  bool json = false;
};

void run(const Options& options, const Shell& shell) {
  const app::Experiment experiment = resolve(*options.experiment);
  ProgressLine line(shell.quiet);
  const auto spaces = app::rank_spaces(experiment, line.callback(), shell.stop);
  line.end("");
  if (!options.svg.empty())
    write_file(options.svg, report::standalone_svg(report::svg(report::ranking_cdf(spaces))));
  options.json ? fmt::print("{}", report::ranking_json(spaces))
               : fmt::print("{}", report::to_text(report::ranking_table(spaces)));
}

}  // namespace

void add_rank(CLI::App& app, const Shell& shell) {
  const auto options = std::make_shared<Options>();
  CLI::App* sub = app.add_subcommand(
      "rank", "Which resolution and width of a space leaves most computation within the budget");
  options->experiment = add_experiment_flags(*sub);
  sub->add_option("--svg", options->svg, "write the FLOPs CDF plot here")->type_name("FILE");
  sub->add_flag("--json", options->json, "as JSON");
  sub->footer(
      "Example:\n  tinynas rank --space search_spaces/mcunet.yaml --sram 256K --flash 1M --svg cdf.svg");
  sub->callback([options, &shell] { run(*options, shell); });
}

}  // namespace tinynas::tool
