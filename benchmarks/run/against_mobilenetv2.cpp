// bench_against_mobilenetv2 RUN [SECONDS]: is the winner of a run better than MobileNetV2 (arXiv:1801.04381)
// made as large as the run's limits allow, with as many seconds of training as the run took in all? The
// network is trained from scratch on the run's images by the run's `tune` settings, and becomes int8 and is
// judged on the test images as the winner was.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <vector>

#include "app/run/keys.h"
#include "app/run/records.h"
#include "app/stages/pipeline_stages.h"
#include "cli/program.h"
#include "cli/progress_line.h"
#include "run/tune_and_judge.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/space/feasibility.h"

using namespace tinynas;

namespace {

constexpr const char* kFolder = "mobilenetv2";
/// Widths tried: 0.1, 0.15, ..., 1.4.
constexpr int kLeastTwentieths = 2, kMostTwentieths = 28;
/// Up to this resolution strides are those that CIFAR-10 is trained with everywhere.
constexpr int kSmallImages = 32;
/// What an epoch takes is measured for this share of the seconds, within these bounds.
constexpr double kTimedShare = 0.01, kLeastTimed_s = 2, kMostTimed_s = 30;

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Settings {
  std::string run;
  double seconds = 0;         ///< 0: those that the run took
  int resolution = 0;         ///< 0: the best of the run's space
  double learning_rate = -1;  ///< below 0: that of the run's `tune`
};

/// The published network (table 2) alone, at every width: kernel 3, expansion 6, the largest depths of
/// search_spaces/mobilenetv2.yaml. On small images the stem and the first stage with expansion 6 have
/// stride 1.
space::SearchSpace mobilenetv2(int resolution) {
  space::SearchSpace space = space::SearchSpace::load(find_resource("search_spaces/mobilenetv2.yaml"));
  space.resolutions = {resolution};
  space.widths.clear();
  for (int i = kLeastTwentieths; i <= kMostTwentieths; ++i) space.widths.push_back(i / 20.0);
  for (space::Stage& stage : space.stages) {
    stage.kernels = {3};
    stage.expansions = {6};
    stage.depths = {stage.depths.back()};
  }
  if (resolution <= kSmallImages) space.stem_stride = space.stages.front().stride = 1;
  return space;
}

/// One network with what it costs.
struct Candidate {
  space::SearchSpace space;  ///< of this network alone
  cost::Footprint cost;
};

Candidate candidate(const space::SearchSpace& space, std::size_t width, const space::Task& task,
                    const space::CostFn& cost) {
  Candidate made{.space = space::restrict_to(space, 0, static_cast<int>(width)), .cost = {}};
  made.cost = cost(space::lower_named(made.space, task, {}));
  return made;
}

void print_costs(const std::string& name, const cost::Footprint& cost) {
  fmt::print("{:<22} {:>9} MACs {:>9} bytes of SRAM {:>9} of Flash {:>8.1f} ms", name, format_macs(cost.macs),
             cost.sram_bytes, cost.flash_bytes, cost.latency_ms);
}

std::string name_of(const Candidate& network) {
  return fmt::format("MobileNetV2 r{}-w{:g}", network.space.resolutions.front(),
                     network.space.widths.front());
}

/// The widest network that fits at each resolution; of them the one with the most multiply-accumulates.
Candidate largest_that_fits(app::Workspace& workspace, const std::vector<int>& resolutions) {
  const app::Target target = workspace.target();
  const space::CostFn cost = space::device_cost(target.device, target.input)();
  std::optional<Candidate> best;
  std::string needs;
  for (const int resolution : resolutions) {
    const space::SearchSpace space = mobilenetv2(resolution);
    std::optional<Candidate> fitting;
    for (std::size_t w = space.widths.size(); w > 0 && !fitting; --w) {
      Candidate made = candidate(space, w - 1, workspace.images().shape().task, cost);
      if (cost::fits(made.cost, target.budget))
        fitting = std::move(made);
      else if (w == 1 && needs.empty())
        needs = cost::describe(cost::misses(made.cost, target.budget));
    }
    if (!fitting) continue;
    print_costs(name_of(*fitting), fitting->cost);
    fmt::print("  the widest that fits at {}\n", resolution);
    if (!best || fitting->cost.macs > best->cost.macs) best = std::move(fitting);
  }
  if (!best)
    throw InfeasibleError(
        fmt::format("MobileNetV2 does not meet the run's limits at any width from {:g} on: {}",
                    kLeastTwentieths / 20.0, needs));
  fmt::print("{} is trained: the most multiply-accumulates of them\n", name_of(*best));
  return *std::move(best);
}

/// Seconds that an epoch takes, from the first steps of a training that is then thrown away.
double measure_epoch(app::Workspace& workspace, const train::Context& context, bench::Training training,
                     double seconds) {
  training.options.name += "-timed";
  training.recipe.epochs = 1000;  // never reached: it is stopped
  const StopToken asked = training.stop;
  const StopToken enough;
  struct Moment {
    double done = 0;
    Clock::time_point time;
  };
  std::optional<Moment> first;
  Moment last;
  const auto watch = [&](const Progress& progress) {
    last = {progress.done, Clock::now()};
    if (!first) first = last;
    if (asked.stop_requested() || seconds_since(first->time) >= seconds) enough.request_stop();
  };
  try {
    workspace.oracle().training().tune(context, {}, training.recipe, training.folder, training.options, watch,
                                       enough);
  } catch (const InterruptedError&) {
  }
  std::filesystem::remove(training.folder / (training.options.name + ".pt"));
  asked.throw_if_stopped("the measurement");
  return std::chrono::duration<double>(last.time - first->time).count() / (last.done - first->done);
}

/// As many epochs as fit into the seconds; kept, so that a training that was killed continues.
int plan_epochs(app::Workspace& workspace, const train::Context& context, const bench::Training& training,
                double seconds) {
  const std::filesystem::path file = training.folder / "plan.json";
  const app::Json asked = {{"seconds", seconds},
                           {"learning_rate", training.recipe.learning_rate},
                           {"resolution", context.space.resolutions.front()},
                           {"width", context.space.widths.front()}};
  if (std::filesystem::exists(file)) {
    const app::Json kept = app::Json::parse(read_file(file), nullptr, /*allow_exceptions=*/false);
    if (kept.is_object() && kept.value("asked", app::Json()) == asked) return kept.at("epochs");
  }
  std::filesystem::remove(training.folder / (training.options.name + ".pt"));
  const double epoch_s = measure_epoch(workspace, context, training,
                                       std::clamp(kTimedShare * seconds, kLeastTimed_s, kMostTimed_s));
  const int epochs = std::max(1, static_cast<int>(seconds / epoch_s));
  fmt::print("an epoch of {} images takes {:.1f} s: {} epochs in {:.0f} s\n", context.train->size(), epoch_s,
             epochs, seconds);
  write_file(file, app::Json{{"asked", asked}, {"epochs", epochs}}.dump(2) + "\n");
  return epochs;
}

cost::Footprint winner_cost(app::Workspace& workspace) {
  const app::Target target = workspace.target();
  const app::NetworkAlone winner = app::winner(workspace.run());
  return space::device_cost(target.device, target.input)()(
      space::lower_named(winner.space, workspace.images().shape().task, winner.genome));
}

void print_judged(const std::string& name, const cost::Footprint& cost, double test_int8) {
  print_costs(name, cost);
  fmt::print("  {:.2f} %\n", test_int8);
}

void compare(const Settings& settings, const cli::Shell& shell) {
  const app::RunDirectory run = app::RunDirectory::open(settings.run);
  app::Images images(run.experiment());
  app::Oracle oracle(run, app::built_in_training(), images);
  app::Workspace workspace(run, images, oracle);
  const std::optional<app::Result> result = app::find_result(run);
  if (!result)
    throw IoError(fmt::format("{0}: is not finished; finish it with tinynas resume {0}", settings.run));
  const double winner = result->accuracy.int8;
  const double run_s = app::sum_before(workspace, "quantize"),
               seconds = settings.seconds > 0 ? settings.seconds : run_s;

  const Candidate network =
      largest_that_fits(workspace, settings.resolution > 0 ? std::vector<int>{settings.resolution}
                                                           : workspace.space().resolutions);
  const app::TrainingImages sized = images.training(network.space, app::read<app::Plan>(run).train_images);
  const train::Context context = oracle.context(network.space, sized);
  bench::Training training{.recipe = workspace.experiment().tune,
                           .folder = run / kFolder,
                           .options = {.name = "mobilenetv2", .from_scratch = true},
                           .stop = shell.stop};
  if (settings.learning_rate >= 0) training.recipe.learning_rate = settings.learning_rate;
  require_writable_folder(training.folder);
  training.recipe.epochs = plan_epochs(workspace, context, training, seconds);

  std::fflush(stdout);
  cli::ProgressLine line(shell.quiet);
  line.begin(fmt::format("{}, {} epochs", name_of(network), training.recipe.epochs));
  training.progress = line.callback();
  const bool continued = std::filesystem::exists(training.folder / (training.options.name + ".pt"));
  const bench::Judged judged = bench::tune_and_judge(workspace, context, {}, training);
  line.end("");
  fmt::print("{} epochs in {:.0f} of {:.0f} s{}, at a learning rate of {:g}; the run took {:.0f} s\n",
             training.recipe.epochs, judged.seconds, seconds, continued ? " (since it was continued)" : "",
             training.recipe.learning_rate, run_s);
  fmt::print("int8, all test images:\n");
  print_judged("winner", winner_cost(workspace), winner);
  print_judged(name_of(network), network.cost, judged.test_int8);
  fmt::print("winner {:+.2f} points against MobileNetV2\n", winner - judged.test_int8);
}

int parse_and_compare(int argc, char** argv, cli::Shell& shell) {
  CLI::App app{"A run's winner against MobileNetV2 under the same limits, with equal seconds of training."};
  app.name("bench_against_mobilenetv2");
  Settings settings;
  app.add_option("run", settings.run, "a finished run of tinynas search")->type_name("RUN")->required();
  app.add_option("seconds", settings.seconds,
                 "of training (default: what the run's rank, train, search and tune took)")
      ->check(CLI::Range(1.0, 1e7));
  app.add_option("--resolution", settings.resolution,
                 "of its images (default: that of the run's space with the most multiply-accumulates)")
      ->check(CLI::Range(8, 1024));
  app.add_option("--learning-rate", settings.learning_rate, "peak (default: the run's tune.learning_rate)")
      ->check(CLI::Range(0.0, 100.0));
  app.add_flag("-q,--quiet", shell.quiet, "no progress on stderr");
  app.footer("Example:\n  bench_against_mobilenetv2 runs/main 900");
  if (const auto answered = cli::parse_command_line(app, argc, argv)) return *answered;
  compare(settings, shell);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return cli::run_program("bench_against_mobilenetv2", argv,
                          [&](cli::Shell& shell) { return parse_and_compare(argc, argv, shell); });
}
