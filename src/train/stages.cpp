#include "tinynas/train/stages.h"

#include <fmt/format.h>
#include <torch/torch.h>

#include <memory>

#include "tinynas/core/error.h"
#include "tinynas/core/parallel.h"
#include "tinynas/supernet/extract.h"
#include "tinynas/supernet/sort_channels.h"
#include "tinynas/supernet/supernet.h"
#include "tinynas/train/checkpoint.h"
#include "tinynas/train/evaluate.h"
#include "tinynas/train/fingerprint.h"
#include "tinynas/train/recipes.h"
#include "tinynas/train/threads.h"
#include "tinynas/train/trainer.h"

namespace tinynas::train {
namespace {

/// Training images that a tuned network's batch norm is re-estimated on.
constexpr int kTunedStatisticsImages = 4096;

supernet::Supernet make_supernet(const Context& context) {
  supernet::Supernet net(context.space, context.task, Rng(context.seed).fork("supernet"));
  supernet::to_device(net.shared(), torch::Device(context.device));
  return net;
}

/// The supernet with the weights that train_supernet left in `folder`.
supernet::Supernet load_supernet(const Context& context, const std::filesystem::path& folder) {
  supernet::Supernet net = make_supernet(context);
  FlatSgd flat(supernet::parameters(net.shared()), {});
  const auto path = folder / "supernet.pt";
  const auto checkpoint = load_checkpoint(path, /*fingerprint=*/std::nullopt, flat.values().numel());
  if (!checkpoint) throw IoError(fmt::format("{}: is missing; train the supernet first", path.string()));
  const torch::NoGradGuard no_grad;
  flat.values().copy_(checkpoint->averages.defined() ? checkpoint->averages : checkpoint->values);
  return net;
}

BatchLoader make_loader(const Context& context, const Recipe& recipe, const Rng& rng) {
  return BatchLoader(*context.train, context.pixels,
                     {.flip = recipe.flip, .crop_padding = recipe.crop_padding, .cutout = recipe.cutout},
                     recipe.batch, rng);
}

/// Runs `step` on batches that lie on the context's device.
StepFn on_device(const Context& context, StepFn step) {
  if (context.device == "cpu") return step;
  return
      [step = std::move(step), device = torch::Device(context.device)](std::int64_t i, const Batch& batch) {
        return step(i, {.images = batch.images.to(device), .labels = batch.labels.to(device)});
      };
}

}  // namespace

int train_supernet(const Context& context, const Recipe& recipe, const std::filesystem::path& folder,
                   const ProgressFn& progress, const StopToken& stop) {
  recipe_row(recipe.name);  // throws for an unknown one
  const TorchThreads threads(context);
  const Rng rng = Rng(context.seed).fork("train_supernet");
  supernet::Supernet net = make_supernet(context);
  BatchLoader loader = make_loader(context, recipe, rng);
  const std::int64_t steps = std::int64_t{recipe.epochs} * loader.batches_per_epoch();
  const auto rearrange = [&](std::int64_t step) {
    if (!sorts_channels(recipe, step, steps)) return false;
    supernet::sort_channels(net.shared());
    return true;
  };
  Trainer trainer(supernet::parameters(net.shared()), recipe, std::move(loader),
                  {.stage = "supernet",
                   .checkpoint = folder / "supernet.pt",
                   .metrics = folder / "train.jsonl",
                   .fingerprint = training_fingerprint(context, recipe, "supernet"),
                   .rearrange = rearrange});
  return trainer.run(on_device(context, supernet_step(net, recipe, steps, rng)), progress, stop);
}

search::AccuracyOracle supernet_oracle(const Context& context, const std::filesystem::path& folder,
                                       int bn_images) {
  const TorchThreads threads(context);
  const auto net = std::make_shared<const supernet::Supernet>(load_supernet(context, folder));
  const auto images =
      std::make_shared<const std::vector<std::uint32_t>>(statistics_images(context, bn_images));
  return [context, net, images](std::span<const space::Genome> genomes, const StopToken& stop) {
    std::vector<double> accuracies(genomes.size());
    const auto evaluate = [&](std::size_t i) {
      stop.throw_if_stopped("evaluation");
      const torch::NoGradGuard no_grad;
      supernet::Network network = net->sub_network(genomes[i]);
      reestimate(network, context, *images);
      accuracies[i] = accuracy(network, context, stop);
    };
    if (context.device != "cpu") {
      for (std::size_t i = 0; i < genomes.size(); ++i) evaluate(i);
      return accuracies;
    }
    // One thread a genome: no waiting inside of small layers, and sums in one order however many threads.
    const OneTorchThreadEach one_thread(context);
    parallel_for_index(genomes.size(), [&](std::size_t i) {
      OneTorchThreadEach::enter();
      evaluate(i);
    });
    return accuracies;
  };
}

Tuned tune(const Context& context, const space::Genome& genome, const Recipe& recipe,
           const std::filesystem::path& folder, const TuneOptions& options, const ProgressFn& progress,
           const StopToken& stop) {
  const TorchThreads threads(context);
  const Rng rng = Rng(context.seed).fork("tune " + options.name);
  supernet::Network network = supernet::detached_copy(
      options.from_scratch
          ? supernet::make_network(space::lower_named(context.space, context.task, genome), rng)
          : load_supernet(context, folder).sub_network(genome));
  supernet::to_device(network, torch::Device(context.device));
  if (recipe.epochs > 0) {
    Trainer trainer(supernet::parameters(network), recipe, make_loader(context, recipe, rng),
                    {.stage = options.name,
                     .checkpoint = folder / (options.name + ".pt"),
                     .metrics = folder / "train.jsonl",
                     .fingerprint = training_fingerprint(
                         context, recipe, space::to_string(context.space, genome) + options.name)});
    trainer.run(on_device(context, network_step(network, recipe)), progress, stop);
  }
  reestimate(network, context, statistics_images(context, kTunedStatisticsImages));
  return {.weights = supernet::to_weights(network), .accuracy = accuracy(network, context, stop)};
}

}  // namespace tinynas::train
