#include "train/jobs.h"

#include <fmt/format.h>
#include <torch/torch.h>

#include "tinynas/core/error.h"
#include "tinynas/core/parallel.h"
#include "tinynas/supernet/sort_channels.h"
#include "tinynas/train/checkpoint.h"
#include "tinynas/train/evaluate.h"
#include "tinynas/train/fingerprint.h"
#include "tinynas/train/processes.h"
#include "tinynas/train/recipes.h"
#include "tinynas/train/threads.h"
#include "tinynas/train/trainer.h"

namespace tinynas::train {
namespace {

/// `name`.pt and the metrics, in the first process.
Trainer::Options trainer_options(const Context& context, const std::string& name,
                                 const std::string& fingerprint, const Desk& desk) {
  Trainer::Options options{.stage = name, .fingerprint = fingerprint, .processes = context.processes.get()};
  if (desk.folder.empty()) return options;
  options.checkpoint = desk.folder / (name + ".pt");
  options.metrics = desk.folder / "train.jsonl";
  return options;
}

void require_precision(const Context& context, const Recipe& recipe) {
  if (recipe.mixed_precision && device_of(context).is_cpu())
    throw ConfigError("mixed_precision: is for GPUs; set it to false, or train with device cuda");
}

}  // namespace

BatchLoader make_loader(const Context& context, const Recipe& recipe, const Rng& rng) {
  BatchShare share;
  if (context.processes) share = {.rank = context.processes->rank(), .size = context.processes->size()};
  return BatchLoader(*context.train, context.pixels,
                     {.flip = recipe.flip,
                      .crop_padding = recipe.crop_padding,
                      .cutout = recipe.cutout,
                      .colour = recipe.colour,
                      .mixup = recipe.mixup},
                     recipe.batch, rng, share);
}

supernet::Peers peers_of(const Context& context) {
  return context.processes ? context.processes->peers() : supernet::Peers{};
}

StepFn on_device(const Context& context, StepFn step) {
  const torch::Device device = device_of(context);
  if (device.is_cpu()) return step;
  return [step = std::move(step), device](std::int64_t i, const Batch& batch) {
    const auto there = [&](const torch::Tensor& t) { return t.defined() ? t.to(device) : t; };
    return step(i, {.images = there(batch.images),
                    .labels = there(batch.labels),
                    .other_labels = there(batch.other_labels),
                    .share = there(batch.share)});
  };
}

supernet::Supernet make_supernet(const Context& context) {
  supernet::Supernet net(context.space, context.task, Rng(context.seed).fork("supernet"));
  supernet::to_device(net.shared(), device_of(context));
  return net;
}

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

void share_weights(const Context& context, const supernet::Supernet& net) {
  if (!context.processes) return;
  for (const torch::Tensor& parameter : supernet::parameters(net.shared())) {
    torch::Tensor values = parameter.detach();
    context.processes->broadcast(values);
  }
}

int train_supernet_job(const Context& context, const Recipe& recipe, const Desk& desk) {
  require_precision(context, recipe);
  const TorchThreads threads(context);
  const Rng rng = Rng(context.seed).fork("train_supernet");
  supernet::Supernet net = make_supernet(context);
  BatchLoader loader = make_loader(context, recipe, rng);
  const std::int64_t steps = std::int64_t{recipe.epochs} * loader.batches_per_epoch();
  Trainer::Options options =
      trainer_options(context, "supernet", training_fingerprint(context, recipe, "supernet"), desk);
  options.rearrange = [&](std::int64_t step) {
    if (!sorts_channels(recipe, step, steps)) return false;
    supernet::sort_channels(net.shared());
    return true;
  };
  Trainer trainer(supernet::parameters(net.shared()), recipe, std::move(loader), options);
  return trainer.run(on_device(context, supernet_step(net, recipe, steps, rng, peers_of(context))),
                     desk.progress, desk.stop);
}

void tune_job(const Context& context, const Recipe& recipe, const supernet::Network& network,
              const space::Genome& genome, const std::string& name, const Desk& desk) {
  require_precision(context, recipe);
  const Rng rng = Rng(context.seed).fork("tune " + name);
  Trainer trainer(
      supernet::parameters(network), recipe, make_loader(context, recipe, rng),
      trainer_options(context, name,
                      training_fingerprint(context, recipe, space::to_string(context.space, genome) + name),
                      desk));
  trainer.run(on_device(context, network_step(network, recipe, peers_of(context))), desk.progress, desk.stop);
}

std::vector<double> evaluate_job(const Context& context, const supernet::Supernet& net,
                                 std::span<const std::uint32_t> statistics_images,
                                 std::span<const space::Genome> genomes, const StopToken& stop) {
  std::vector<double> accuracies(genomes.size());
  const auto evaluate = [&](std::size_t i) {
    stop.throw_if_stopped("evaluation");
    const torch::NoGradGuard no_grad;
    supernet::Network network = net.sub_network(genomes[i]);
    reestimate(network, context, statistics_images);
    accuracies[i] = accuracy(network, context, stop);
  };
  std::vector<std::size_t> own;
  const std::size_t first = context.processes ? static_cast<std::size_t>(context.processes->rank()) : 0;
  const std::size_t step = context.processes ? static_cast<std::size_t>(context.processes->size()) : 1;
  for (std::size_t i = first; i < genomes.size(); i += step) own.push_back(i);
  if (device_of(context).is_cpu()) {
    // One thread a genome: no waiting inside of small layers, and sums in one order however many threads.
    const OneTorchThreadEach one_thread(context);
    parallel_for_index(own.size(), [&](std::size_t i) {
      OneTorchThreadEach::enter();
      evaluate(own[i]);
    });
  } else {
    for (const std::size_t i : own) evaluate(i);
  }
  if (context.processes && !accuracies.empty()) {  // those of others are 0 here
    torch::Tensor all =
        torch::from_blob(accuracies.data(), {static_cast<std::int64_t>(accuracies.size())}, torch::kDouble);
    context.processes->sum(all);
  }
  return accuracies;
}

}  // namespace tinynas::train
