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
  const StepFn step = supernet_step(net, recipe, rng);
  double macs = 0;
  Clock::time_point start = Clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  for (int i = 0; i < kMostSteps && (i <= kWarmupSteps || seconds() < kMeasureSeconds); ++i) {
    if (i == kWarmupSteps) {
      start = Clock::now();
      macs = 0;
    }
    const StepPlan plan = plan_step(recipe, net.space(), rng.fork("path", static_cast<std::uint64_t>(i)));
    optimizer.zero_gradients();
    step(i, loader.batch(0, i % loader.batches_per_epoch()));
    optimizer.step(/*learning_rate=*/0.01);
    for (const space::Genome& genome : plan.genomes)
      macs += static_cast<double>(loader.batch_size()) *
              static_cast<double>(ir::graph_macs(space::lower_named(net.space(), net.task(), genome)));
  }
  return macs / seconds();
}

}  // namespace tinynas::train
