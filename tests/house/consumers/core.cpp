// Fills the options of tinynas::core as its users do, a few fields by name, and takes a network to its C
// code.
#include <tinynas/core/error.h>
#include <tinynas/core/files.h>
#include <tinynas/core/process.h>
#include <tinynas/cost/plan.h>
#include <tinynas/emulator/calibration.h>
#include <tinynas/emulator/emulator.h>
#include <tinynas/engine/firmware.h>
#include <tinynas/report/plot.h>
#include <tinynas/report/svg.h>
#include <tinynas/search/evolution.h>
#include <tinynas/search/nsga2.h>
#include <tinynas/search/run.h>
#include <tinynas/space/lower.h>
#include <tinynas/space/rank.h>

#include <cstdio>

using namespace tinynas;

namespace {

/// These only have to compile without warnings.
[[maybe_unused]] const ProcessOptions process{.timeout_s = 1};
[[maybe_unused]] const emulator::EmulateOptions emulate{.core = cost::Core::kCortexM4, .image_rows = 8};
[[maybe_unused]] const emulator::CalibrationOptions calibrate{.seed = 2};
[[maybe_unused]] const search::RandomOptions random_search{.evaluations = 10};
[[maybe_unused]] const search::Nsga2Options nsga2{
    .objectives = search::objectives_named({"error", "latency"}, "here"), .generations = 3};

void require(bool holds, const char* what) {
  if (!holds) throw ConfigError(std::string("not as expected: ") + what);
}

/// A stand-in for a supernet: larger networks are better.
std::vector<search::Measurement> guess(const space::SearchSpace& space,
                                       std::span<const space::Genome> genomes) {
  std::vector<search::Measurement> answers;
  for (const space::Genome& genome : genomes) {
    const ir::Graph graph = space::lower_named(space, {.input_channels = 1, .classes = 10}, genome);
    answers.push_back({.accuracy = static_cast<double>(ir::graph_macs(graph)) / 1e6});
  }
  return answers;
}

int run() {
  const cost::Device board{.name = "my board",
                           .core = cost::Core::kCortexM4,
                           .clock_hz = 64e6,
                           .sram_bytes = 64 * kKiB,
                           .flash_bytes = 512 * kKiB};
  const cost::Budget budget{.sram_bytes = 16 * kKiB, .flash_bytes = 96 * kKiB};
  const auto spaces = space::SearchSpace::load(find_resource("search_spaces/small_images.yaml"));
  const space::Task task{.input_channels = 1, .classes = 10};
  const space::CostFactory costs = space::device_cost(board, cost::InputMode::kRows);

  const space::RankProblem ranked{.space = spaces, .task = task, .budget = budget, .cost = costs};
  const space::Ranking ranking = space::rank(ranked, {.samples = 20});
  require(ranking.winner.has_value(), "a space fits");
  const space::SpaceRank& best = ranking.spaces[*ranking.winner];
  const auto space = space::restrict_to(spaces, best.resolution_index, best.width_index);

  const search::Problem problem{.space = space, .task = task, .budget = budget, .cost = costs};
  const auto oracle = [&](std::span<const space::Genome> genomes, double, const StopToken&) {
    return guess(space, genomes);
  };
  const search::SearchResult found = search::run_search(
      problem, search::evolution(problem, {.population = 6, .generations = 2, .parents = 2}), oracle,
      {.batch = 3});
  require(found.best.has_value(), "a network fits");
  require(found.best->cost.sram_bytes <= *budget.sram_bytes, "it keeps the limit");

  // Its firmware needs the kernels' sources, which are installed too.
  const ir::Graph graph =
      emulator::with_random_weights(space::lower_named(space, task, found.best->genome), Rng(1));
  const cost::Schedule schedule = cost::plan(graph, {.isa = cost::core_info(board.core).isa});
  const auto files = engine::generate_firmware(graph, schedule, {.name = "small", .device = board});
  require(files.size() > 5, "the firmware has its kernels");
  std::printf("%s: SRAM %lld bytes\n", space::to_string(space, found.best->genome).c_str(),
              static_cast<long long>(found.best->cost.sram_bytes));

  const report::Plot plot{.title = "best",
                          .x_label = "networks",
                          .y_label = "accuracy",
                          .series = {{.name = "evolution", .x = {1, 2}, .y = {3, 4}}}};
  require(!report::svg(plot).empty(), "a plot is drawn");
  return 0;
}

}  // namespace

int main() try { return run(); } catch (const Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return static_cast<int>(error.code());
}
