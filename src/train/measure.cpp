#include <chrono>

#include "tinynas/core/error.h"
#include "tinynas/supernet/supernet.h"
#include "tinynas/train/batch_queue.h"
#include "tinynas/train/processes.h"
#include "tinynas/train/recipes.h"
#include "tinynas/train/stages.h"
#include "tinynas/train/steps.h"
#include "tinynas/train/threads.h"
#include "train/jobs.h"

namespace tinynas::train {
namespace {

constexpr double kMeasureSeconds = 2;
constexpr int kWarmupSteps = 3;
constexpr int kMostSteps = 1000;
/// Steps of a training that are sampled to know its mean cost.
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

double measure_job(const Context& context, const Recipe& measured) {
  using Clock = std::chrono::steady_clock;
  const TorchThreads threads(context);
  const Rng rng = Rng(context.seed).fork("measure");
  const supernet::Supernet net = make_supernet(context);
  const Recipe recipe{.batch = measured.batch, .mixed_precision = measured.mixed_precision};
  require_precision(context, recipe);
  const RecipeRow& row = recipe_row(recipe.name);
  data::ImageSet room;
  BatchQueue batches(make_loader(context, largest_images(context, room), recipe, rng),
                     loader_workers(context));
  FlatSgd optimizer(net.parameters(), {});
  const StepFn step =
      on_device(context, supernet_step(net, recipe, kMostSteps, rng, {.peers = peers_of(context)}));
  double macs = 0;
  Clock::time_point start = Clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  const auto go_on = [&](int i) {
    torch::Tensor yes =
        torch::tensor({i < kMostSteps && (i <= kWarmupSteps || seconds() < kMeasureSeconds) ? 1.0 : 0.0});
    if (context.processes) context.processes->broadcast(yes);  // by the first one's clock
    return yes.item<float>() > 0;
  };
  for (int i = 0; go_on(i); ++i) {
    if (i == kWarmupSteps) {
      start = Clock::now();
      macs = 0;
    }
    optimizer.zero_gradients();
    step(i, batches.next(i));
    if (context.processes) context.processes->sum(optimizer.gradients());
    optimizer.step(/*learning_rate=*/0.01);
    Rng path = rng.fork("path", static_cast<std::uint64_t>(i));
    macs +=
        batches.loader().batch_size() * plan_macs(net.space(), net.task(), row.draw(net.space(), 0, path));
  }
  return macs / seconds();
}

double training_macs_per_image(const space::SearchSpace& space, const space::Task& task,
                               const Recipe& recipe) {
  const RecipeRow& row = recipe_row(recipe.name);
  double macs = 0;
  for (int i = 0; i < kPlannedSteps; ++i) {
    Rng path = Rng(1).fork("cost", static_cast<std::uint64_t>(i));
    macs += plan_macs(space, task, row.draw(space, static_cast<double>(i) / kPlannedSteps, path));
  }
  return macs / kPlannedSteps;
}

}  // namespace tinynas::train
