// What the search costs beside the accuracy evaluations: CPU time per candidate of evolution (draw, lower to
// a graph, plan its memory, cost it, compare with the budget; rejected draws included), one thread. Baseline
// of the same run: the same networks costed by the calls that make a full report (names, schedule,
// footprint). Once-for-all, which has no memory model, was measured at 790 to 1080 us per accepted candidate,
// 97 % of it in decoding.
#include <fmt/format.h>

#include <ctime>

#include "benchmark.h"
#include "tinynas/core/files.h"
#include "tinynas/core/parallel.h"
#include "tinynas/cost/footprint.h"
#include "tinynas/cost/plan.h"
#include "tinynas/search/evolution.h"
#include "tinynas/space/lower.h"

using namespace tinynas;

namespace {

constexpr double kLimitMicroseconds = 20;
constexpr search::EvolutionOptions kEvolution{.seed = 1};

struct Case {
  const char* space;
  int resolution, width;  // indices
  space::Task task;
  cost::Budget budget;
};

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// An accuracy that costs nothing and leads nowhere.
double pseudo_accuracy(const space::Genome& genome) {
  return static_cast<double>(space::hash(genome) % 10000) / 100;
}

std::vector<search::Evaluation> evolve(search::Evolution& evolution) {
  std::vector<search::Evaluation> all;
  for (auto proposals = evolution.ask(); !proposals.empty(); proposals = evolution.ask()) {
    const std::size_t begin = all.size();
    for (const auto& proposal : proposals)
      all.push_back(
          {.genome = proposal.genome, .cost = proposal.cost, .accuracy = pseudo_accuracy(proposal.genome)});
    evolution.tell(std::span(all).subspan(begin));
  }
  return all;
}

/// CPU microseconds per network of the unhurried way.
double report_microseconds(const search::Problem& problem, const cost::Device& device,
                           const std::vector<search::Evaluation>& networks) {
  const double begin = cpu_seconds();
  Bytes sum = 0;
  for (const auto& network : networks) {
    const ir::Graph graph = space::lower_named(problem.space, problem.task, network.genome);
    const auto schedule = cost::plan(graph, {.isa = cost::core_info(device.core).isa});
    sum += cost::footprint(graph, schedule, device).sram_bytes - network.cost.sram_bytes;
  }
  if (sum != 0) fmt::print("the two ways disagree by {} bytes\n", sum);
  return (cpu_seconds() - begin) * 1e6 / static_cast<double>(networks.size());
}

void run(const Case& one, const cost::Device& device) {
  const auto grid = space::SearchSpace::load(find_resource(fmt::format("search_spaces/{}.yaml", one.space)));
  const search::Problem problem{.space = space::restrict_to(grid, one.resolution, one.width),
                                .task = one.task,
                                .budget = one.budget,
                                .cost = space::device_cost(device, cost::InputMode::kRows)};
  const double begin = cpu_seconds();
  search::Evolution evolution(problem, kEvolution);
  const auto candidates = evolve(evolution);
  const double us = (cpu_seconds() - begin) * 1e6 / static_cast<double>(candidates.size());
  const double looked_at =
      static_cast<double>(evolution.draws().looked_at()) / static_cast<double>(candidates.size());
  const double baseline = report_microseconds(problem, device, candidates);
  fmt::print("{:<13} r{:<3} w{:<4} {:>5} {:>5} {:>10} {:>9.2f} {:>9.1f} {:>9.1f} {:>7.1f} x  {}\n", one.space,
             problem.space.resolutions[0], problem.space.widths[0], format_bytes(*one.budget.sram_bytes),
             format_bytes(*one.budget.flash_bytes), candidates.size(), looked_at, us, baseline,
             baseline * looked_at / us, us <= kLimitMicroseconds ? "" : "above the limit of 20 us");
}

void measure() {
  set_parallel_threads(1);
  const auto device = cost::load_device("stm32f746", "benchmark");
  const space::Task small{.input_channels = 1, .classes = 10}, imagenet{.input_channels = 3, .classes = 1000};
  fmt::print("{:<24} {:>5} {:>5} {:>10} {:>9} {:>9} {:>9} {:>9}\n", "space", "sram", "flash", "candidates",
             "costed/c.", "us/c.", "report us", "ratio");
  run({"small_images", 4, 4, small, {.sram_bytes = 320 * kKiB, .flash_bytes = kMiB}}, device);
  run({"small_images", 4, 2, small, {.sram_bytes = 16 * kKiB, .flash_bytes = 96 * kKiB}}, device);
  run({"mcunet", 8, 3, imagenet, {.sram_bytes = 320 * kKiB, .flash_bytes = kMiB}}, device);
  run({"mcunet", 8, 4, imagenet, {.sram_bytes = 64 * kKiB, .flash_bytes = 2 * kMiB}}, device);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{
      "CPU time of evolution per candidate, without the evaluation of accuracy, beside full reports on the "
      "same "
      "networks.",
      "bench_search_overhead"};
  app.footer("Example:\n  bench_search_overhead");
  return bench::run(app, argc, argv, measure);
}
