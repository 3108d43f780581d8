#include "train/jobs.h"

#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>

#include "tinynas/core/error.h"
#include "tinynas/core/parallel.h"
#include "tinynas/supernet/chain.h"
#include "tinynas/supernet/sort_channels.h"
#include "tinynas/train/checkpoint.h"
#include "tinynas/train/fingerprint.h"
#include "tinynas/train/processes.h"
#include "tinynas/train/recipes.h"
#include "tinynas/train/steps.h"
#include "tinynas/train/threads.h"

namespace tinynas::train {
namespace {

/// `name`.pt and the metrics, in the first process.
Trainer::Options trainer_options(const Context& context, const std::string& name,
                                 const std::string& fingerprint, const JobControl& control) {
  Trainer::Options options{.stage = name,
                           .fingerprint = fingerprint,
                           .loader_workers = loader_workers(context),
                           .processes = context.processes.get()};
  if (control.folder.empty()) return options;
  options.checkpoint = control.folder / (name + ".pt");
  options.metrics = control.folder / "train.jsonl";
  return options;
}

BatchShare share_of(const Context& context) {
  if (!context.processes) return {};
  return {.rank = context.processes->rank(), .size = context.processes->size()};
}

/// Everybody gets the measurements that others made; those were empty here.
void exchange(Processes& processes, std::vector<search::Measurement>& measured, int images) {
  constexpr std::int64_t kMostLooks = 32;  // each twice the one before
  const auto count = static_cast<std::int64_t>(measured.size());
  torch::Tensor looks = torch::zeros({count, kMostLooks, 2}, torch::kInt);
  auto values = looks.accessor<int, 3>();
  for (std::int64_t i = 0; i < count; ++i) {
    std::int64_t at = 0;
    for (const search::Look& look : measured[static_cast<std::size_t>(i)].looks) {
      values[i][at][0] = look.images;
      values[i][at++][1] = look.right;
    }
  }
  processes.sum(looks);
  for (std::int64_t i = 0; i < count; ++i) {
    std::vector<search::Look> made;
    for (std::int64_t at = 0; at < kMostLooks && values[i][at][0] > 0; ++at)
      made.push_back({.images = values[i][at][0], .right = values[i][at][1]});
    measured[static_cast<std::size_t>(i)] = search::measurement_of(std::move(made), images);
  }
}

}  // namespace

void require_precision(const Context& context, const Recipe& recipe) {
  if (recipe.mixed_precision && device_of(context).is_cpu() && !supernet::bfloat16_available())
    throw ConfigError(
        "mixed_precision: needs a CPU with AVX-512 BF16 or a GPU; set it to false, or train with "
        "--compute cuda");
}

const data::ImageSet& largest_images(const Context& context, data::ImageSet& room) {
  const int side = context.space.resolutions.back();
  if (context.train->h == side && context.train->w == side) return *context.train;
  room = data::resize(*context.train, side, side);
  return room;
}

BatchLoader make_loader(const Context& context, const data::ImageSet& images, const Recipe& recipe,
                        const Rng& rng) {
  return BatchLoader(images, context.pixels,
                     {.flip = recipe.flip,
                      .crop_padding = recipe.crop_padding,
                      .cutout = recipe.cutout,
                      .colour = recipe.colour,
                      .mixup = recipe.mixup},
                     recipe.batch, rng, share_of(context));
}

int loader_workers(const Context& context) {
  constexpr int kMostWorkers = 8;
  if (device_of(context).is_cpu()) return 0;
  const int processes = context.processes ? context.processes->local_size() : 1;
  return std::clamp(available_cores() / processes - 1, 1, kMostWorkers);
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
  supernet::Supernet net(context.space, context.task, Rng(context.seed).fork("supernet"),
                         {.kernel_transforms = context.kernel_transforms});
  net.to(device_of(context));
  return net;
}

supernet::Supernet load_supernet(const Context& context, const std::filesystem::path& folder) {
  supernet::Supernet net = make_supernet(context);
  FlatSgd flat(net.parameters(), {});
  const auto path = folder / "supernet.pt";
  const auto checkpoint = load_checkpoint(path, /*fingerprint=*/std::nullopt, flat.values().numel());
  if (!checkpoint) throw IoError(fmt::format("{}: is missing; train the supernet first", path.string()));
  const torch::NoGradGuard no_grad;
  flat.values().copy_(checkpoint->averages.defined() ? checkpoint->averages : checkpoint->values);
  return net;
}

void share_weights(const Context& context, const supernet::Supernet& net) {
  if (!context.processes) return;
  for (const torch::Tensor& parameter : net.parameters()) {
    torch::Tensor values = parameter.detach();
    context.processes->broadcast(values);
  }
}

int train_supernet_job(const Context& context, const Recipe& recipe, const JobControl& control) {
  require_precision(context, recipe);
  const TorchThreads threads(context);
  const Rng rng = Rng(context.seed).fork("train_supernet");
  supernet::Supernet net = make_supernet(context);
  data::ImageSet room;
  BatchLoader loader = make_loader(context, largest_images(context, room), recipe, rng);
  const std::int64_t steps = std::int64_t{recipe.epochs} * loader.batches_per_epoch();
  Trainer::Options options =
      trainer_options(context, "supernet", training_fingerprint(context, recipe, "supernet"), control);
  const RecipeRow& row = recipe_row(recipe.name);
  options.rearrange = [&](std::int64_t step) {
    if (!sorts_channels(row, step, steps)) return false;
    supernet::sort_channels(net.shared());
    return true;
  };
  Trainer trainer(net.parameters(), recipe, std::move(loader), options);
  return trainer.run(on_device(context, supernet_step(net, recipe, steps, rng, {.peers = peers_of(context)})),
                     control.progress, control.stop);
}

void tune_job(const Context& context, const Recipe& recipe, const supernet::Network& network,
              const space::Genome& genome, const std::string& name, const JobControl& control) {
  require_precision(context, recipe);
  const Rng rng = Rng(context.seed).fork("tune " + name);
  Trainer trainer(
      supernet::parameters(network), recipe, make_loader(context, *context.train, recipe, rng),
      trainer_options(context, name,
                      training_fingerprint(context, recipe, space::to_string(context.space, genome) + name),
                      control));
  trainer.run(on_device(context, network_step(network, recipe, {.peers = peers_of(context)})),
              control.progress, control.stop);
}

std::vector<search::Measurement> evaluate_job(const Context& context, const supernet::Supernet& net,
                                              const EvaluationImages& images, const Question& question,
                                              const StopToken& stop) {
  const std::size_t count = question.genomes.size();
  std::vector<search::Measurement> measured(count);
  const auto evaluate = [&](std::size_t i) {
    stop.throw_if_stopped("evaluation");
    const torch::NoGradGuard no_grad;
    supernet::Network network = net.sub_network(question.genomes[i]);
    reestimate(network, context, images);
    measured[i] = measure_accuracy(network, context, images, question.cutoff, stop);
  };
  std::vector<std::size_t> own;
  const BatchShare share = share_of(context);
  for (auto i = static_cast<std::size_t>(share.rank); i < count; i += static_cast<std::size_t>(share.size))
    own.push_back(i);
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
  if (context.processes) exchange(*context.processes, measured, static_cast<int>(context.validation->size()));
  return measured;
}

}  // namespace tinynas::train
