#include <fmt/format.h>

#include "cli/command.h"
#include "cli/experiment_flags.h"
#include "cli/progress_line.h"
#include "tinynas/app/ranking.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/report/plot.h"
#include "tinynas/report/svg.h"

namespace tinynas::cli {
namespace {

struct RankOptions {
  std::shared_ptr<ExperimentFlags> experiment;
  std::string svg, sweep, engine = "rows", reserve = "0";
  int classes = 0, channels = 3;
  bool json = false;
};

app::RankingOptions ranking_options(const RankOptions& options) {
  app::RankingOptions ranking{.task = {},
                              .engine = cost::parse_engine(options.engine, "--engine"),
                              .reserve_bytes = parse_bytes(options.reserve, "--reserve")};
  if (options.classes > 0)
    ranking.task = space::Task{.input_channels = options.channels, .classes = options.classes};
  return ranking;
}

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

void sweep(const RankOptions& options, const Shell& shell) {
  const auto cross = options.sweep.find('x');
  if (cross == std::string::npos)
    throw ConfigError("--sweep: '" + options.sweep +
                      "' is not SRAM limits x Flash limits; write --sweep 64K,128K,320Kx512K,1M");
  const app::Experiment experiment = resolve(*options.experiment);
  ProgressLine line(shell.quiet);
  const auto points =
      app::sweep_spaces(experiment, ranking_options(options),
                        {.sram = parse_limits(std::string_view(options.sweep).substr(0, cross)),
                         .flash = parse_limits(std::string_view(options.sweep).substr(cross + 1))},
                        line.callback(), shell.stop);
  line.end("");
  if (!options.svg.empty())
    write_file(options.svg, report::standalone_svg(report::svg(report::sweep_map(points))));
  fmt::print("{}", options.json ? report::sweep_json(points) : report::to_text(report::sweep_table(points)));
}

void run(const RankOptions& options, const Shell& shell) {
  const app::Experiment experiment = resolve(*options.experiment);
  ProgressLine line(shell.quiet);
  const auto spaces = app::rank_spaces(experiment, ranking_options(options), line.callback(), shell.stop);
  line.end("");
  if (!options.svg.empty())
    write_file(options.svg, report::standalone_svg(report::svg(report::ranking_cdf(spaces))));
  options.json ? fmt::print("{}", report::ranking_json(spaces))
               : fmt::print("{}", report::to_text(report::ranking_table(spaces)));
}

}  // namespace

void add_rank(CLI::App& app, const Shell& shell) {
  const auto options = std::make_shared<RankOptions>();
  CLI::App* sub = app.add_subcommand(
      "rank", "Which resolution and width of a space leaves most computation within the budget");
  options->experiment = add_experiment_flags(*sub);
  sub->add_option("--svg", options->svg, "write the FLOPs CDF plot here")->type_name("FILE");
  sub->add_option("--engine", options->engine,
                  "whose memory rules: rows (ours), tinyengine, cmsis-nn, tflite-micro")
      ->type_name("NAME")
      ->capture_default_str();
  sub->add_option("--reserve", options->reserve, "SRAM kept for whatever else runs on the device")
      ->type_name("SIZE")
      ->capture_default_str();
  sub->add_option("--classes", options->classes, "rank for this many classes, without a data set")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  sub->add_option("--channels", options->channels, "input channels, with --classes")
      ->type_name("N")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  sub->add_option("--sweep", options->sweep,
                  "the best space for every pair of limits, such as 64K,128Kx512K,1M")
      ->type_name("SRAMxFLASH");
  sub->add_flag("--json", options->json, "as JSON");
  sub->footer(
      "Examples:\n  tinynas rank --space search_spaces/mcunet.yaml --sram 256K --flash 1M --svg cdf.svg\n"
      "  tinynas rank --space search_spaces/mcunet.yaml --classes 1000 --engine tinyengine --reserve 32K "
      "--sram 320K\n"
      "  tinynas rank --sweep 16K,64K,320Kx64K,256K,1M");
  sub->callback(
      [options, &shell] { options->sweep.empty() ? run(*options, shell) : sweep(*options, shell); });
}

}  // namespace tinynas::cli
