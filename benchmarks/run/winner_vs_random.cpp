// bench_winner_vs_random RUN: is the network that a search found better than networks drawn at random from
// the same space under the same budget, when all are tuned alike? Takes the winner and the first networks of
// the run's random search, tunes each from the run's supernet by the run's own settings, and judges all by
// int8 accuracy on the test images.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <vector>

#include "app/run/records.h"
#include "cli/program.h"
#include "run/tune_and_judge.h"
#include "tinynas/search/history.h"

using namespace tinynas;

namespace {

constexpr std::size_t kRandomNetworks = 5;

bench::Judged judge(app::Workspace& workspace, const app::NetworkAlone& network, const std::string& name,
                    const StopToken& stop) {
  train::Recipe recipe = workspace.experiment().tune;
  recipe.epochs = app::read<app::Tuned>(workspace.run()).epochs;
  return bench::tune_and_judge(workspace, workspace.oracle().context(network), network.genome,
                               {.recipe = recipe,
                                .folder = workspace.run().path(),
                                .options = {.name = "bench-" + name},
                                .stop = stop});
}

void print(const std::string& name, const bench::Judged& judged) {
  fmt::print("{:<9} {:>8} {:>9.2f} {:>9.2f}  {}\n", name, format_macs(judged.macs), judged.held_out,
             judged.test_int8, judged.genome);
  std::fflush(stdout);
}

int run(int argc, char** argv, const cli::Shell& shell) {
  CLI::App app{"Is a run's winner better than random networks under the same limits, all tuned alike?"};
  app.name("bench_winner_vs_random");
  std::string folder;
  app.add_option("run", folder, "a finished run of tinynas search")->type_name("RUN")->required();
  app.footer("Example:\n  bench_winner_vs_random runs/main");
  if (const auto answered = cli::parse_command_line(app, argc, argv)) return *answered;

  const app::RunDirectory run = app::RunDirectory::open(folder);
  app::Images images(run.experiment());
  app::Oracle oracle(run, app::built_in_training(), images);
  app::Workspace workspace(run, images, oracle);
  fmt::print("{:<9} {:>8} {:>9} {:>9}\n", "network", "MACs", "held out", "test int8");
  const bench::Judged winner = judge(workspace, app::winner(run), "winner", shell.stop);
  print("winner", winner);
  const auto history = search::read_history(run / app::kRandomHistoryFile, app::chosen_space(run.path()));
  std::vector<double> accuracies;
  for (std::size_t i = 0; i < std::min(kRandomNetworks, history.evaluations.size()); ++i) {
    const bench::Judged judged = judge(workspace, app::alone(run, history.evaluations[i].genome),
                                       fmt::format("random{}", i), shell.stop);
    print(fmt::format("random {}", i), judged);
    accuracies.push_back(judged.test_int8);
  }
  std::sort(accuracies.begin(), accuracies.end());
  const double median = accuracies.empty() ? 0 : accuracies[accuracies.size() / 2];
  fmt::print("winner {:+.2f} points against the median of {} random networks ({:.2f} %)\n",
             winner.test_int8 - median, accuracies.size(), median);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return cli::run_program("bench_winner_vs_random", argv,
                          [&](const cli::Shell& shell) { return run(argc, argv, shell); });
}
