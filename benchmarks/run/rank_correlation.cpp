// bench_rank_correlation CONFIG --run RUN: does a supernet order networks as training each of them alone
// does? Trains the run's supernet if it is not there, draws networks of its space, half of them spread over
// its multiply-accumulates and half within a narrow band of them, trains each alone from scratch, and prints
// Kendall's tau between the supernet's estimates and what the networks reach alone; with --finalist-epochs
// also of the estimates after a short training from the supernet's weights, as finalists of a search get.
// What networks reach alone is kept in RUN/rank_correlation, for other supernets of the same space and data
// too; the command may be started again, and several times at once.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <cstdio>
#include <map>
#include <vector>

#include "app/run/records.h"
#include "app/workspace.h"
#include "cli/experiment_flags.h"
#include "cli/program.h"
#include "cli/progress_line.h"
#include "cli/run_to_stage.h"
#include "run/shared_trainings.h"
#include "tinynas/core/files.h"
#include "tinynas/core/hash.h"
#include "tinynas/report/plot.h"
#include "tinynas/report/svg.h"
#include "tinynas/search/predictor.h"

using namespace tinynas;
using namespace tinynas::bench;

namespace {

constexpr std::string_view kFolder = "rank_correlation";
constexpr int kResamples = 2000;

struct Settings {
  int genomes = 24;
  int epochs = 20;           ///< of each network alone
  int finalist_epochs = 0;   ///< of each network from the supernet's weights; 0: none
  int threads = 1;           ///< of this process while it trains networks alone
  double rate = -1;          ///< their learning rate; below 0: that of the config's `tune`
  std::string alone_folder;  ///< empty: RUN/rank_correlation
  std::string svg;           ///< where the plot goes; empty: there is none
};

/// The run with its supernet, trained now if it is not there; not locked, so that several processes share it.
app::RunDirectory run_with_supernet(const std::filesystem::path& folder, const app::Experiment& experiment,
                                    const cli::Shell& shell) {
  if (!std::filesystem::exists(folder / app::kTrainFile))
    cli::run_to_stage(app::start_run(folder, experiment), app::built_in_training(), "train", shell);
  return app::RunDirectory::open_to_read(folder, experiment);
}

/// What the networks alone are trained by.
train::Recipe alone_recipe(const app::Experiment& experiment, const Settings& settings) {
  train::Recipe recipe = experiment.tune;
  recipe.epochs = settings.epochs;
  if (settings.rate >= 0) recipe.learning_rate = settings.rate;
  return recipe;
}

/// Equal for equal networks: their recipe, space, images and seed, where these are not the defaults. How the
/// supernet is trained and searched is no business of networks alone.
std::string settings_hash(app::Workspace& workspace, const train::Recipe& recipe) {
  const app::Experiment& experiment = workspace.experiment();
  app::Experiment alone;
  alone.data = experiment.data;
  alone.tune = recipe;
  alone.search.seed = experiment.search.seed;
  const space::SearchSpace space = app::chosen_space(workspace.run().path());
  return hex(fnv1a(fmt::format("{} {} {:g} {} {}", fmt::join(app::differences(alone, app::Experiment()), " "),
                               space.resolutions.back(), space.widths.front(),
                               app::read<app::Plan>(workspace.run()).train_images,
                               workspace.run().read(app::kSpaceFile))));
}

/// A network's figures beside each other.
struct Row {
  double macs = 0, supernet = 0, finalist = 0, alone = 0;
};

double tau(const std::vector<Row>& rows, double Row::*figure) {
  std::vector<double> a, b;
  for (const Row& row : rows) {
    a.push_back(row.*figure);
    b.push_back(row.alone);
  }
  return search::kendall_tau(a, b);
}

/// Standard error by the bootstrap (Efron 1979): the deviation of tau over networks drawn with replacement.
double tau_error(const std::vector<Row>& rows, double Row::*figure) {
  const Rng rng = Rng(1).fork("bootstrap");
  double sum = 0, squares = 0;
  for (int i = 0; i < kResamples; ++i) {
    Rng own = rng.fork("resample", static_cast<std::uint64_t>(i));
    std::vector<Row> resampled;
    for (std::size_t k = 0; k < rows.size(); ++k) resampled.push_back(own.pick(std::span<const Row>(rows)));
    const double value = tau(resampled, figure);
    sum += value;
    squares += value * value;
  }
  const double mean = sum / kResamples;
  return std::sqrt(std::max(0.0, squares / kResamples - mean * mean));
}

std::string tau_text(const std::vector<Row>& rows, double Row::*figure) {
  return fmt::format("{:+.3f} (standard error {:.3f})", tau(rows, figure), tau_error(rows, figure));
}

void print_taus(const std::string& which, const std::vector<Row>& rows, bool finalists) {
  fmt::print("{}: tau of the supernet {}, of the MACs {}{}\n", which, tau_text(rows, &Row::supernet),
             tau_text(rows, &Row::macs),
             finalists ? ", of finalists " + tau_text(rows, &Row::finalist) : std::string());
}

/// Networks alone over the supernet's estimates.
report::Plot scatter(const std::vector<Row>& rows, const std::vector<Row>& band) {
  report::Plot plot{.title = "Supernet and alone",
                    .x_label = "in the supernet, % of the held-out images",
                    .y_label = "alone, % of the test images",
                    .description = "Accuracy of networks trained alone over the supernet's estimate.",
                    .series = {{.name = "networks", .mark = report::Mark::kDots},
                               {.name = fmt::format("within {:g} % of the median size", 100 * kBand),
                                .mark = report::Mark::kDots,
                                .tone = report::Tone::kSecond}}};
  for (const auto& [points, series] : {std::pair{&rows, &plot.series[0]}, std::pair{&band, &plot.series[1]}})
    for (const Row& row : *points) {
      series->x.push_back(row.supernet);
      series->y.push_back(row.alone);
    }
  return plot;
}

/// What is known of the networks chosen; `finalists` is empty unless they were trained.
struct Figures {
  std::vector<search::Measurement> estimates;
  std::map<std::string, Trained> finalists, alone;
};

void print_table(const train::Context& context, const Choice& choice, const Figures& figures,
                 std::size_t test_images, const std::string& svg) {
  const bool finalists = !figures.finalists.empty();
  fmt::print("supernet{}: on {} held-out images; alone: on {} test images; percent\n",
             finalists ? ", finalist" : "", context.validation->size(), test_images);
  fmt::print("{:>9} {:>9} {}{:>7}  {:4}  network\n", "MACs", "supernet", finalists ? " finalist " : "",
             "alone", "band");
  std::vector<Row> rows, band;
  double seconds = 0;
  for (std::size_t i = 0; i < choice.networks.size(); ++i) {
    const Network& network = choice.networks[i];
    const std::string genome = space::to_string(context.space, network.genome);
    const Row row{.macs = static_cast<double>(network.macs),
                  .supernet = figures.estimates[i].accuracy,
                  .finalist = finalists ? figures.finalists.at(genome).accuracy : 0,
                  .alone = figures.alone.at(genome).accuracy};
    const bool in_band = choice.in_band(network);
    fmt::print("{:>9} {:>9.2f} {}{:>7.2f}  {:4}  {}\n", format_macs(network.macs), row.supernet,
               finalists ? fmt::format("{:>9.2f} ", row.finalist) : std::string(), row.alone,
               in_band ? "yes" : "", genome);
    rows.push_back(row);
    if (in_band) band.push_back(row);
    seconds += figures.alone.at(genome).seconds;
  }
  print_taus(fmt::format("{} networks", rows.size()), rows, finalists);
  print_taus(fmt::format("{} networks within {:g} % of the median of {} MACs", band.size(), 100 * kBand,
                         format_macs(static_cast<Macs>(choice.median_macs))),
             band, finalists);
  fmt::print("{} of training alone\n", format_millis(1e3 * std::round(seconds)));
  if (!svg.empty()) write_file(svg, report::standalone_svg(report::svg(scatter(rows, band))));
}

void correlate(const std::filesystem::path& folder, const app::Experiment& experiment,
               const Settings& settings, const cli::Shell& shell) {
  const app::TrainingStages training = app::built_in_training();
  const app::RunDirectory run = run_with_supernet(folder, experiment, shell);
  app::Images images(run.experiment());
  app::Oracle oracle(run, training, images);
  app::Workspace workspace(run, images, oracle);
  const train::Context& context = oracle.context();
  const Choice choice = choose_networks(context, settings.genomes);
  std::map<int, data::ImageSet> tests;  // by resolution
  for (const int resolution : context.space.resolutions) tests[resolution] = images.test(resolution);
  const auto own_context = [&](const app::NetworkAlone& network) {
    train::Context own = oracle.context(network);
    own.threads = settings.threads;
    return own;
  };
  cli::ProgressLine line(shell.quiet);
  const train::Recipe recipe = alone_recipe(experiment, settings);
  const std::filesystem::path alone_folder =
      settings.alone_folder.empty() ? folder / kFolder : std::filesystem::path(settings.alone_folder);
  require_writable_folder(alone_folder);
  Figures figures;
  figures.alone = trained(workspace, choice,
                          {.kind = "alone",
                           .context_of =
                               [&](const app::NetworkAlone& network) {
                                 train::Context alone = own_context(network);
                                 alone.validation = &tests.at(network.space.resolutions.front());
                                 return alone;
                               },
                           .recipe = recipe,
                           .folder = alone_folder,
                           .start = {.from_scratch = true},
                           .results = Results(alone_folder / "alone.jsonl", settings_hash(workspace, recipe)),
                           .line = &line,
                           .stop = shell.stop});
  if (settings.finalist_epochs > 0) {
    train::Recipe short_recipe = recipe;
    short_recipe.epochs = settings.finalist_epochs;
    require_writable_folder(folder / kFolder);
    const std::string start = hex(fnv1a(read_file(folder / "supernet.pt")));
    figures.finalists = trained(workspace, choice,
                                {.kind = "finalist",
                                 .context_of = own_context,
                                 .recipe = short_recipe,
                                 .folder = folder / kFolder,
                                 .start = {.supernet = folder},
                                 .results = Results(folder / kFolder / "finalist.jsonl",
                                                    settings_hash(workspace, short_recipe) + start),
                                 .line = &line,
                                 .stop = shell.stop});
    if (figures.finalists.empty()) return;
  }
  if (figures.alone.empty()) return;
  std::vector<space::Genome> genomes;
  for (const Network& network : choice.networks) genomes.push_back(network.genome);
  fmt::print("{} networks, each alone for {} epochs of {} images at a learning rate of {:g}\n",
             genomes.size(), recipe.epochs, context.train->size(), recipe.learning_rate);
  const auto answers = training.oracle(context, folder, experiment.search.bn_images);
  figures.estimates = answers(genomes, search::kNoCutoff, shell.stop);
  print_table(context, choice, figures, tests.begin()->second.size(), settings.svg);
}

int run(int argc, char** argv, cli::Shell& shell) {
  CLI::App app{"Kendall's tau between a supernet's estimates and the same networks trained alone."};
  app.name("bench_rank_correlation");
  const auto flags = cli::add_experiment_flags(app);
  cli::add_run_flag(app, *flags);
  Settings settings;
  app.add_option("--genomes", settings.genomes,
                 "networks, half of them spread, half in the band (default: 24)")
      ->check(CLI::Range(4, 1000));
  app.add_option("--alone-epochs", settings.epochs, "of each network trained alone (default: 20)")
      ->check(CLI::Range(1, 100000));
  app.add_option("--finalist-epochs", settings.finalist_epochs,
                 "of each network from the supernet's weights, as search.finalists get (default: 0, none)")
      ->check(CLI::Range(0, 100000));
  app.add_option("--alone-rate", settings.rate,
                 "their learning rate (default: the config's tune.learning_rate)")
      ->check(CLI::Range(0.0, 100.0));
  app.add_option("--alone-threads", settings.threads, "of this process while it trains them (default: 1)")
      ->check(CLI::Range(1, 4096));
  app.add_option(
         "--alone-folder", settings.alone_folder,
         "where networks trained alone are kept, to judge several supernets by the same ones (default: "
         "RUN/rank_correlation)")
      ->type_name("DIR");
  app.add_option("--svg", settings.svg, "write a plot of alone over supernet here")->type_name("FILE");
  app.add_flag("-q,--quiet", shell.quiet, "no progress on stderr");
  app.footer(
      "Networks are trained alone by the config's `tune`. Once the supernet is trained, start the same "
      "command\n"
      "once per core: each process takes the next network that nobody trains. Killed, it continues.\n"
      "Example:\n"
      "  bench_rank_correlation configs/fashion_mnist.yaml --run runs/tau --genomes 24 --alone-epochs 20");
  if (const auto answered = cli::parse_command_line(app, argc, argv)) return *answered;
  const app::Experiment experiment = cli::resolve(*flags);
  correlate(cli::run_folder(*flags, experiment), experiment, settings, shell);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return cli::run_program("bench_rank_correlation", argv,
                          [&](cli::Shell& shell) { return run(argc, argv, shell); });
}
