// bench_winner_vs_random RUN: is the network that a search found better than networks drawn at random from
// the same space under the same budget, when all are tuned alike? Takes the winner and the first networks of
// the run's random search, tunes each from the run's supernet by the run's own settings, and judges all by
// int8 accuracy on the test images.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <vector>

#include "app/files.h"
#include "app/workspace.h"
#include "tinynas/core/error.h"
#include "tinynas/quant/interpreter.h"
#include "tinynas/quant/quantize.h"
#include "tinynas/search/history.h"
#include "tinynas/space/lower.h"

using namespace tinynas;

namespace {

constexpr std::size_t kRandomNetworks = 5;
constexpr std::size_t kCalibrationImages = 512;

struct Entry {
  std::string genome;
  Macs macs = 0;
  double held_out = 0, test_int8 = 0;  ///< percent
};

Entry tune_and_judge(app::Workspace& workspace, const space::Genome& genome, const std::string& name) {
  const train::Context& context = workspace.context();
  train::Recipe recipe = workspace.experiment().tune;
  recipe.epochs = workspace.plan().tune_epochs;
  const train::Tuned tuned =
      workspace.training().tune(context, genome, recipe, workspace.run().path(), {.name = name}, {}, {});
  workspace.run().remove({name + ".pt"});

  ir::Graph graph = space::lower_named(context.space, context.task, genome);
  quant::attach_weights(graph, tuned.weights);
  const ir::TensorQuant input{.scale = context.pixels.scale, .zero_point = context.pixels.zero_point};
  const auto calibration = data::hold_out(*context.train, kCalibrationImages, context.seed).validation;
  const ir::Graph quantized =
      quant::quantize(graph, quant::calibrate(graph, calibration.pixels, input), input);
  const data::ImageSet test = workspace.test_images(context.space.resolutions.front());
  return {.genome = space::to_string(context.space, genome),
          .macs = ir::graph_macs(graph),
          .held_out = tuned.accuracy,
          .test_int8 = quant::accuracy_int8(quantized, test.pixels, test.labels)};
}

void print(const std::string& name, const Entry& entry) {
  fmt::print("{:<9} {:>8} {:>9.2f} {:>9.2f}  {}\n", name, format_macs(entry.macs), entry.held_out,
             entry.test_int8, entry.genome);
  std::fflush(stdout);
}

}  // namespace

int main(int count, char** arguments) try {
  if (count != 2) throw ConfigError("usage: bench_winner_vs_random RUN, a finished run of tinynas search");
  app::Workspace workspace(app::RunDirectory::open(arguments[1]), app::built_in_training());
  fmt::print("{:<9} {:>8} {:>9} {:>9}\n", "network", "MACs", "held out", "test int8");
  const Entry winner = tune_and_judge(workspace, workspace.winner(), "bench-winner");
  print("winner", winner);
  const auto history =
      search::read_history(workspace.run() / app::kRandomHistoryFile, workspace.chosen_space());
  std::vector<double> accuracies;
  for (std::size_t i = 0; i < std::min(kRandomNetworks, history.evaluations.size()); ++i) {
    const Entry entry =
        tune_and_judge(workspace, history.evaluations[i].genome, fmt::format("bench-random{}", i));
    print(fmt::format("random {}", i), entry);
    accuracies.push_back(entry.test_int8);
  }
  std::sort(accuracies.begin(), accuracies.end());
  const double median = accuracies.empty() ? 0 : accuracies[accuracies.size() / 2];
  fmt::print("winner {:+.2f} points against the median of {} random networks ({:.2f} %)\n",
             winner.test_int8 - median, accuracies.size(), median);
} catch (const Error& error) {
  fmt::print(stderr, "bench_winner_vs_random: {}\n", error.what());
  return static_cast<int>(error.code());
} catch (const std::exception& error) {
  fmt::print(stderr, "bench_winner_vs_random: {}\n", error.what());
  return 70;
}
