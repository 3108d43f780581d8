#include "tinynas/train/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "tinynas/core/error.h"
#include "tinynas/supernet/batch_norm.h"
#include "tinynas/supernet/chain.h"
#include "tinynas/supernet/forward.h"
#include "tinynas/train/loader.h"
#include "tinynas/train/threads.h"

namespace tinynas::train {
namespace {

/// Images per forward pass: activations of small networks stay in the caches, calls stay few.
constexpr std::size_t kEvaluationBatch = 64;

std::span<const std::uint32_t> nth_batch(std::span<const std::uint32_t> images, std::size_t b) {
  const std::size_t start = b * kEvaluationBatch;
  return images.subspan(start, std::min(kEvaluationBatch, images.size() - start));
}

std::size_t batches_of(std::size_t images) { return (images + kEvaluationBatch - 1) / kEvaluationBatch; }

supernet::Precision precision_of(const Context& context) {
  return context.mixed_precision && supernet::bfloat16_available() ? supernet::Precision::kBfloat16
                                                                   : supernet::Precision::kFloat;
}

std::vector<std::uint32_t> all_of(const data::ImageSet& images) {
  std::vector<std::uint32_t> indices(images.size());
  std::iota(indices.begin(), indices.end(), 0U);
  return indices;
}

data::ImageSet chosen(const data::ImageSet& images, std::span<const std::uint32_t> indices) {
  data::ImageSet some{.h = images.h, .w = images.w, .c = images.c, .pixels = {}, .labels = {}};
  for (const std::uint32_t i : indices) {
    const auto pixels = images.image(i);
    some.pixels.insert(some.pixels.end(), pixels.begin(), pixels.end());
    some.labels.push_back(images.labels[i]);
  }
  return some;
}

}  // namespace

EvaluationImages::EvaluationImages(const Context& context, int statistics) {
  std::vector<std::uint32_t> indices = all_of(*context.train);
  Rng(context.seed).fork("statistics").shuffle(std::span(indices));
  indices.resize(std::min(indices.size(), static_cast<std::size_t>(std::max(statistics, 1))));
  const data::ImageSet some = chosen(*context.train, indices);
  for (const int side : context.space.resolutions)
    sets_[side] = {.statistics = data::resize(some, side, side),
                   .validation = data::resize(*context.validation, side, side)};
}

const EvaluationImages::Set& EvaluationImages::of(const supernet::Network& network) const {
  const int side = network.graph.tensors[static_cast<std::size_t>(network.graph.input)].h;
  const auto set = sets_.find(side);
  if (set == sets_.end())
    throw ConfigError(fmt::format("evaluation: the context's space has no resolution {}", side));
  return set->second;
}

void reestimate(supernet::Network& network, const Context& context, const EvaluationImages& images) {
  const torch::Device device = device_of(context);
  const data::ImageSet& set = images.of(network).statistics;
  const std::vector<std::uint32_t> indices = all_of(set);
  supernet::reestimate_batch_norm(
      network,
      [&](std::size_t b) {
        return plain_batch(set, nth_batch(indices, b), context.pixels).images.to(device);
      },
      batches_of(indices.size()), precision_of(context));
}

search::Measurement measure_accuracy(const supernet::Network& network, const Context& context,
                                     const EvaluationImages& images, double cutoff, const StopToken& stop) {
  const torch::NoGradGuard no_grad;
  // Our kernels apply batch norm for nothing; LibTorch's are faster without.
  const supernet::Network folded =
      supernet::chains_available() ? network : supernet::fold_batch_norm(network);
  const data::ImageSet& set = images.of(network).validation;
  std::vector<std::uint32_t> order = all_of(set);
  Rng(context.seed).fork("validation").shuffle(std::span(order));
  const torch::Device device = device_of(context);
  std::vector<search::Look> looks;
  search::Look look;
  for (const int size : search::look_sizes(static_cast<int>(set.size()))) {
    const auto fresh = std::span<const std::uint32_t>(order)
                           .first(static_cast<std::size_t>(size))
                           .subspan(static_cast<std::size_t>(look.images));
    for (std::size_t b = 0; b < batches_of(fresh.size()); ++b) {
      stop.throw_if_stopped("evaluation");
      const Batch batch = plain_batch(set, nth_batch(fresh, b), context.pixels);
      const torch::Tensor logits = supernet::forward(
          folded, batch.images.to(device),
          {.statistics = supernet::Statistics::kStored, .precision = precision_of(context)});
      look.right += logits.argmax(1).cpu().eq(batch.labels).sum().item<int>();
    }
    look.images = size;
    looks.push_back(look);
    if (search::is_below(look, cutoff)) break;
  }
  return search::measurement_of(std::move(looks), static_cast<int>(set.size()));
}

double accuracy(const supernet::Network& network, const Context& context, const EvaluationImages& images,
                const StopToken& stop) {
  return measure_accuracy(network, context, images, search::kNoCutoff, stop).accuracy;
}

}  // namespace tinynas::train
