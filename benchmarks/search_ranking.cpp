// Speed of ranking: MCUNet's grid of 108 spaces, 1000 networks each, with memory planned for every one.
// The paper reports about 2 CPU hours for the same step (arXiv:2007.10319, appendix C).
#include <fmt/format.h>

#include <chrono>
#include <ctime>

#include "benchmark.h"
#include "tinynas/core/files.h"
#include "tinynas/core/parallel.h"
#include "tinynas/space/rank.h"

using namespace tinynas;

namespace {

void measure() {
  constexpr double kPaperCpuSeconds = 2 * 3600;
  const auto device = cost::load_device("stm32f746", "benchmark");
  const space::RankProblem problem{
      .space = space::SearchSpace::load(find_resource("search_spaces/mcunet.yaml")),
      .task = {.input_channels = 3, .classes = 1000},
      .budget = {.sram_bytes = 320 * kKiB, .flash_bytes = kMiB},
      .cost = space::device_cost(device, cost::InputMode::kRows),
      .untrainable = {}};
  fmt::print("{:>7} {:>7} {:>9} {:>8} {:>8} {:>12} {:>10}  winner\n", "threads", "spaces", "networks",
             "wall s", "CPU s", "us/network", "ratio");
  for (const int threads : {1, 2}) {
    set_parallel_threads(threads);
    const auto wall = std::chrono::steady_clock::now();
    const auto cpu = std::clock();
    const auto ranking = space::rank(problem, {});
    const double cpu_s = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
    const double wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - wall).count();
    const double networks = static_cast<double>(ranking.spaces.size()) * 1001;  // with the smallest of each
    const auto& winner = ranking.spaces[ranking.winner.value()];
    fmt::print("{:>7} {:>7} {:>9} {:>8.2f} {:>8.2f} {:>12.2f} {:>8.0f} x  r{}-w{} {:.1f}M MACs\n", threads,
               ranking.spaces.size(), networks, wall_s, cpu_s, cpu_s * 1e6 / networks,
               kPaperCpuSeconds / cpu_s, winner.resolution, winner.width, winner.mean_macs / 1e6);
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Speed of ranking MCUNet's grid of 108 spaces, 1000 networks each, on one thread and on two.",
               "bench_search_ranking"};
  app.footer("Example:\n  bench_search_ranking");
  return bench::run(app, argc, argv, measure);
}
