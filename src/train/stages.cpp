#include "tinynas/train/stages.h"

#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>

#include "tinynas/core/error.h"
#include "tinynas/core/log.h"
#include "tinynas/supernet/chain.h"
#include "tinynas/supernet/extract.h"
#include "tinynas/train/recipes.h"
#include "tinynas/train/threads.h"
#include "train/jobs.h"
#include "train/orders.h"

namespace tinynas::train {
namespace {

/// Training images that a tuned network's batch norm is re-estimated on.
constexpr int kTunedStatisticsImages = 4096;

/// Where the space's channels keep our kernels from what they could do.
void warn_of_slow_channels(const Context& context) {
  if (context.compute_device != "cpu" || !supernet::chains_available() ||
      context.space.channel_divisor % supernet::kChainChannels == 0)
    return;
  log_warning(fmt::format(
      "slow_training space={} channel_divisor={} fast_are_multiples_of={} otherwise='several times slower'",
      context.space.name, context.space.channel_divisor, supernet::kChainChannels));
}

/// ConfigError for a context that nothing can be trained with.
void check(const Context& context) {
  if (context.train == nullptr || context.validation == nullptr || context.train->size() == 0 ||
      context.validation->size() == 0)
    throw ConfigError("train: the context has no images; set Context::train and Context::validation");
  for (const data::ImageSet* images : {context.train, context.validation}) {
    if (images->c != context.task.input_channels)
      throw ConfigError(fmt::format("train: images of {} channels for a task of {} (Task::input_channels)",
                                    images->c, context.task.input_channels));
    const int most = *std::max_element(images->labels.begin(), images->labels.end());
    if (most >= context.task.classes)
      throw ConfigError(fmt::format("train: label {} for a task of {} classes; labels count from 0", most,
                                    context.task.classes));
  }
}

void check(const Context& context, std::span<const space::Genome> genomes) {
  for (const space::Genome& genome : genomes)
    if (!space::contains(context.space, genome))
      throw ConfigError(
          fmt::format("{}: a genome is not of this space; take one from space::sample or "
                      "space::parse_genome",
                      context.space.name));
}

}  // namespace

double measure_training_macs_per_second(const Context& context, const Recipe& recipe) {
  check(context);
  announce(context, {.job = Job::kMeasure, .recipe = recipe, .images = images_of(context)});
  return measure_job(context, recipe);
}

int train_supernet(const Context& context, const Recipe& recipe, const std::filesystem::path& folder,
                   const ProgressFn& progress, const StopToken& stop) {
  recipe_row(recipe.name);  // throws for an unknown one
  check(context);
  warn_of_slow_channels(context);
  announce(context, {.job = Job::kTrain, .recipe = recipe, .images = images_of(context)});
  return train_supernet_job(context, recipe, {.folder = folder, .progress = progress, .stop = stop});
}

search::AccuracyOracle supernet_oracle(const Context& context, const std::filesystem::path& folder,
                                       int bn_images) {
  check(context);
  const TorchThreads threads(context);
  const auto net = std::make_shared<const supernet::Supernet>(load_supernet(context, folder));
  const auto images = std::make_shared<const EvaluationImages>(context, bn_images);
  const std::string sent = images_of(context);
  announce(context, {.job = Job::kHoldSupernet, .bn_images = bn_images, .images = sent});
  share_weights(context, *net);
  return [context, net, images, sent](std::span<const space::Genome> genomes, double cutoff,
                                      const StopToken& stop) {
    check(context, genomes);
    announce(context, {.job = Job::kEvaluate,
                       .genomes = {genomes.begin(), genomes.end()},
                       .cutoff = cutoff,
                       .images = sent});
    return evaluate_job(context, *net, *images, {.genomes = genomes, .cutoff = cutoff}, stop);
  };
}

Tuned tune(const Context& context, const space::Genome& genome, const Recipe& recipe,
           const std::filesystem::path& folder, const TuneOptions& options, const ProgressFn& progress,
           const StopToken& stop) {
  check(context);
  check(context, std::span(&genome, 1));
  const TorchThreads threads(context);
  const Rng rng = Rng(context.seed).fork("tune " + options.name);
  supernet::Network network = supernet::detached_copy(
      options.from_scratch
          ? supernet::make_network(space::lower_named(context.space, context.task, genome), rng)
          : load_supernet(context, options.supernet.empty() ? folder : options.supernet).sub_network(genome));
  supernet::to_device(network, device_of(context));
  if (recipe.epochs > 0) {
    announce(context, {.job = Job::kTune,
                       .recipe = recipe,
                       .genomes = {genome},
                       .tune_name = options.name,
                       .images = images_of(context)});
    tune_job(context, recipe, network, genome, options.name,
             {.folder = folder, .progress = progress, .stop = stop});
  }
  Context exact = context;  // what becomes of these weights is float
  exact.mixed_precision = false;
  const EvaluationImages images(exact, kTunedStatisticsImages);
  reestimate(network, exact, images);
  return {.weights = supernet::to_weights(network), .accuracy = accuracy(network, exact, images, stop)};
}

}  // namespace tinynas::train
