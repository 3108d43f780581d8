#include <chrono>

#include "tinynas/core/error.h"
#include "tinynas/supernet/supernet.h"
#include "tinynas/train/recipes.h"
#include "tinynas/train/stages.h"
#include "tinynas/train/threads.h"

namespace tinynas::train {
namespace {

constexpr double kMeasureSeconds = 2;
constexpr int kWarmupSteps = 3;
constexpr int kMostSteps = 1000;
/// Steps of a training that are looked at to know its mean cost.
constexpr int kPlannedSteps = 300;

double plan_macs(const space::SearchSpace& space, const space::Task& task,
                 const std::vector<space::Genome>& genomes) {
  double macs = 0;
  ir::Graph graph;
  for (const space::Genome& genome : genomes) {
    space::lower(space, task, genome, graph);
    macs += static_cast<double>(ir::graph_macs(graph));
  }
  return macs;
}

}  // namespace

double measure_training_macs_per_second(const Context& context, int batch) {
  using Clock = std::chrono::steady_clock;
  const TorchThreads threads(context);
  const Rng rng = Rng(context.seed).fork("measure");
  const supernet::Supernet net(context.space, context.task, rng);
  const Recipe recipe{.batch = batch};
  BatchLoader loader(*context.train, context.pixels,
                     {.flip = recipe.flip, .crop_padding = recipe.crop_padding}, batch, rng);
  FlatSgd optimizer(supernet::parameters(net.shared()), {});
  const StepFn step = supernet_step(net, recipe, kMostSteps, rng);
  double macs = 0;
  Clock::time_point start = Clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  for (int i = 0; i < kMostSteps && (i <= kWarmupSteps || seconds() < kMeasureSeconds); ++i) {
    if (i == kWarmupSteps) {
      start = Clock::now();
      macs = 0;
    }
    optimizer.zero_gradients();
    step(i, loader.batch(0, i % loader.batches_per_epoch()));
    optimizer.step(/*learning_rate=*/0.01);
    macs += loader.batch_size() *
            plan_macs(net.space(), net.task(),
                      plan_step(recipe, net.space(), 0, rng.fork("path", static_cast<std::uint64_t>(i))));
  }
  return macs / seconds();
}

double training_macs_per_image(const space::SearchSpace& space, const space::Task& task,
                               const Recipe& recipe) {
  recipe_row(recipe.name);  // throws for an unknown one
  double macs = 0;
  for (int i = 0; i < kPlannedSteps; ++i)
    macs += plan_macs(space, task,
                      plan_step(recipe, space, static_cast<double>(i) / kPlannedSteps,
                                Rng(1).fork("cost", static_cast<std::uint64_t>(i))));
  return macs / kPlannedSteps;
}

}  // namespace tinynas::train
