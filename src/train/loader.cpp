#include "tinynas/train/loader.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tinynas/core/error.h"

namespace tinynas::train {
namespace {

std::vector<float> real_values(const data::PixelScaling& pixels) {
  std::vector<float> real(256);
  for (int p = 0; p < 256; ++p)
    real[static_cast<std::size_t>(p)] = pixels.scale * static_cast<float>(p - 128 - pixels.zero_point);
  return real;
}

/// What happens to one image: drawn before, so that the pixel loop draws nothing.
struct Change {
  bool flip = false;
  int shift_y = 0, shift_x = 0;
  int erase_y = 0, erase_x = 0, erase_side = 0;  ///< erased square, upper left corner; may leave the image
};

Change draw(const Augmentation& augmentation, int h, int w, Rng rng) {
  Change change;
  change.flip = augmentation.flip && rng.chance(0.5);
  if (const int padding = augmentation.crop_padding; padding > 0) {
    change.shift_y = rng.between(-padding, padding);
    change.shift_x = rng.between(-padding, padding);
  }
  if (augmentation.cutout > 0) {
    change.erase_side = static_cast<int>(std::lround(augmentation.cutout * std::min(h, w)));
    change.erase_y = rng.between(0, h - 1) - change.erase_side / 2;
    change.erase_x = rng.between(0, w - 1) - change.erase_side / 2;
  }
  return change;
}

/// Writes one image as floats, [H, W, C].
void convert(const data::ImageSet& set, std::size_t index, const std::vector<float>& real,
             const Change& change, float* out) {
  const std::uint8_t* pixels = set.image(index).data();
  const int h = set.h, w = set.w, c = set.c;
  const auto inside = [](int at, int start, int side) { return at >= start && at < start + side; };
  for (int y = 0; y < h; ++y)
    for (int x = 0; x < w; ++x, out += c) {
      const int from_y = y + change.shift_y;
      const int from_x = (change.flip ? w - 1 - x : x) + change.shift_x;
      if (inside(y, change.erase_y, change.erase_side) && inside(x, change.erase_x, change.erase_side)) {
        std::fill_n(out, c, 0.0F);  // the mean colour
      } else if (inside(from_y, 0, h) && inside(from_x, 0, w)) {
        const std::uint8_t* from = pixels + (from_y * w + from_x) * c;
        for (int k = 0; k < c; ++k) out[k] = real[from[k]];
      } else {
        std::fill_n(out, c, real[0]);
      }
    }
}

Batch empty_batch(const data::ImageSet& images, std::size_t count) {
  const auto n = static_cast<std::int64_t>(count);
  return {.images = torch::empty({n, images.h, images.w, images.c}).permute({0, 3, 1, 2}),
          .labels = torch::empty({n}, torch::kLong)};
}

Batch fill(const data::ImageSet& images, std::span<const std::uint32_t> indices,
           const std::vector<float>& real, const std::function<Change(std::size_t)>& change) {
  Batch batch = empty_batch(images, indices.size());
  float* out = batch.images.data_ptr<float>();
  std::int64_t* labels = batch.labels.data_ptr<std::int64_t>();
  constexpr std::int64_t kGrain = 16;  // images a thread takes at a time
  at::parallel_for(0, static_cast<std::int64_t>(indices.size()), kGrain,
                   [&](std::int64_t begin, std::int64_t end) {
                     for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
                       convert(images, indices[i], real, change(i), out + i * images.image_bytes());
                       labels[i] = images.labels[indices[i]];
                     }
                   });
  return batch;
}

}  // namespace

Batch plain_batch(const data::ImageSet& images, std::span<const std::uint32_t> indices,
                  const data::PixelScaling& pixels) {
  return fill(images, indices, real_values(pixels), [](std::size_t) { return Change{}; });
}

BatchLoader::BatchLoader(const data::ImageSet& images, const data::PixelScaling& pixels,
                         const Augmentation& augmentation, int batch, const Rng& rng)
    : images_(&images),
      real_(real_values(pixels)),
      augmentation_(augmentation),
      batch_(std::min(batch, static_cast<int>(images.size()))),
      batches_per_epoch_(batch_ > 0 ? static_cast<int>(images.size()) / batch_ : 0),
      rng_(rng) {
  if (batches_per_epoch_ == 0)
    throw ConfigError("train: no images, or a batch of none; a batch has at least 1");
}

Batch BatchLoader::batch(int epoch, int index) {
  if (order_epoch_ != epoch) {
    order_.resize(images_->size());
    std::iota(order_.begin(), order_.end(), 0U);
    rng_.fork("order", static_cast<std::uint64_t>(epoch)).shuffle(std::span(order_));
    order_epoch_ = epoch;
  }
  const auto start = static_cast<std::size_t>(index) * static_cast<std::size_t>(batch_);
  const auto indices = std::span(order_).subspan(start, static_cast<std::size_t>(batch_));
  return fill(*images_, indices, real_, [&](std::size_t i) {
    return draw(augmentation_, images_->h, images_->w,
                rng_.fork("augment", static_cast<std::uint64_t>(epoch), start + i));
  });
}

}  // namespace tinynas::train
