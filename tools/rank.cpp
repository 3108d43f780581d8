#include <fmt/format.h>

#include <nlohmann/json.hpp>

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
  std::string svg, sweep;
  bool json = false;
};

/// "64K,128K x 256K,1M": SRAM limits, then Flash limits.
std::vector<Bytes> parse_limits(std::string_view text) {
  std::vector<Bytes> limits;
  for (std::size_t end; !text.empty(); text.remove_prefix(end)) {
    const std::string_view one = text.substr(0, text.find(','));
    limits.push_back(parse_bytes(one, "--sweep"));
    end = std::min(text.size(), one.size() + 1);
  }
  return limits;
}

void sweep(const Options& options, const Shell& shell) {
  const auto cross = options.sweep.find('x');
  if (cross == std::string::npos)
    throw ConfigError("--sweep: '" + options.sweep +
                      "' is not SRAM limits x Flash limits; write --sweep 64K,128K,320Kx512K,1M");
  const app::Experiment experiment = resolve(*options.experiment);
  ProgressLine line(shell.quiet);
  const auto points = app::sweep_spaces(
      experiment, parse_limits(std::string_view(options.sweep).substr(0, cross)),
      parse_limits(std::string_view(options.sweep).substr(cross + 1)), line.callback(), shell.stop);
  line.end("");
  if (!options.svg.empty())
    write_file(options.svg, report::standalone_svg(report::svg(report::sweep_map(points))));
  if (!options.json) return fmt::print("{}", report::to_text(report::sweep_table(points)));
  nlohmann::json all = nlohmann::json::array();
  for (const report::SweepPoint& point : points)
    all.push_back({{"sram_bytes", point.sram_bytes},
                   {"flash_bytes", point.flash_bytes},
                   {"best", point.best},
                   {"mean_macs", point.mean_macs}});
  fmt::print("{}\n", all.dump(2));
}

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
  sub->add_option("--sweep", options->sweep,
                  "the best space for every pair of limits, such as 64K,128Kx512K,1M")
      ->type_name("SRAMxFLASH");
  sub->add_flag("--json", options->json, "as JSON");
  sub->footer(
      "Examples:\n  tinynas rank --space search_spaces/mcunet.yaml --sram 256K --flash 1M --svg cdf.svg\n"
      "  tinynas rank --sweep 16K,64K,320Kx64K,256K,1M");
  sub->callback(
      [options, &shell] { options->sweep.empty() ? run(*options, shell) : sweep(*options, shell); });
}

}  // namespace tinynas::tool
