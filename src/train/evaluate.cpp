#include "tinynas/train/evaluate.h"

#include <algorithm>
#include <numeric>

#include "tinynas/core/error.h"
#include "tinynas/supernet/batch_norm.h"
#include "tinynas/supernet/chain.h"
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

}  // namespace

std::vector<std::uint32_t> statistics_images(const Context& context, int count) {
  std::vector<std::uint32_t> images(context.train->size());
  std::iota(images.begin(), images.end(), 0U);
  Rng(context.seed).fork("statistics").shuffle(std::span(images));
  images.resize(std::min(images.size(), static_cast<std::size_t>(std::max(count, 1))));
  return images;
}

void reestimate(supernet::Network& network, const Context& context, std::span<const std::uint32_t> images) {
  const torch::Device device = device_of(context);
  supernet::reestimate_batch_norm(
      network,
      [&](std::size_t b) {
        return plain_batch(*context.train, nth_batch(images, b), context.pixels).images.to(device);
      },
      batches_of(images.size()));
}

search::Measurement measure_accuracy(const supernet::Network& network, const Context& context, double cutoff,
                                     const StopToken& stop) {
  const torch::NoGradGuard no_grad;
  // Our kernels apply batch norm for nothing; LibTorch's are faster without.
  const supernet::Network folded =
      supernet::chains_available() ? network : supernet::fold_batch_norm(network);
  const data::ImageSet& set = *context.validation;
  std::vector<std::uint32_t> order(set.size());
  std::iota(order.begin(), order.end(), 0U);
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
      const torch::Tensor logits =
          supernet::forward(folded, batch.images.to(device), {.statistics = supernet::Statistics::kStored});
      look.right += logits.argmax(1).cpu().eq(batch.labels).sum().item<int>();
    }
    look.images = size;
    looks.push_back(look);
    if (search::is_below(look, cutoff)) break;
  }
  return search::measurement_of(std::move(looks), static_cast<int>(set.size()));
}

double accuracy(const supernet::Network& network, const Context& context, const StopToken& stop) {
  return measure_accuracy(network, context, search::kNoCutoff, stop).accuracy;
}

}  // namespace tinynas::train
