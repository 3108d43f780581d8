#include "tinynas/train/loader.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>

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
  double brightness = 1, contrast = 1, saturation = 1;  ///< factors
};

Change draw_change(const Augmentation& augmentation, int h, int w, Rng rng) {
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
  if (augmentation.colour > 0)
    for (double* factor : {&change.brightness, &change.contrast, &change.saturation})
      *factor = 1 + augmentation.colour * (2 * rng.uniform() - 1);
  return change;
}

/// Beta(alpha, alpha) (Johnk 1964: accepts most draws for alpha up to 1).
double draw_beta(double alpha, Rng& rng) {
  for (;;) {
    const double x = std::pow(rng.uniform(), 1 / alpha), y = std::pow(rng.uniform(), 1 / alpha);
    if (const double sum = x + y; sum > 0 && sum <= 1) return x / sum;
  }
}

float clamp_to(const std::vector<float>& real, float value) {
  return std::clamp(value, real.front(), real.back());
}

/// The network's number for each pixel value after brightness and contrast: factors around black and around
/// the image's mean.
std::vector<float> recoloured(const std::vector<float>& real, const Change& change,
                              std::span<const std::uint8_t> image) {
  const auto brightness = static_cast<float>(change.brightness);
  const auto contrast = static_cast<float>(change.contrast);
  std::vector<float> bright(real.size()), result(real.size());
  for (std::size_t p = 0; p < real.size(); ++p)
    bright[p] = clamp_to(real, real[0] + brightness * (real[p] - real[0]));
  double mean = 0;
  for (const std::uint8_t pixel : image) mean += bright[pixel];
  mean /= static_cast<double>(image.size());
  for (std::size_t p = 0; p < real.size(); ++p) {
    const auto centre = static_cast<float>(mean);
    result[p] = clamp_to(real, centre + contrast * (bright[p] - centre));
  }
  return result;
}

/// Moves the colours of one pixel away from its grey value (ITU-R BT.601 weights), or towards it.
void saturate(const std::vector<float>& real, float factor, float* rgb) {
  const float grey = 0.299F * rgb[0] + 0.587F * rgb[1] + 0.114F * rgb[2];
  for (int k = 0; k < 3; ++k) rgb[k] = clamp_to(real, grey + factor * (rgb[k] - grey));
}

/// Pixel `at` of a side of `size` whose edge is mirrored: -1 is 1, `size` is size - 2.
int mirrored(int at, int size) {
  const int period = std::max(1, 2 * size - 2), into = (at % period + period) % period;
  return std::min(into, period - into);
}

/// Writes one image as floats, [H, W, C].
void convert(const data::ImageSet& set, std::size_t index, const std::vector<float>& real,
             const Change& change, float* out) {
  const std::uint8_t* pixels = set.image(index).data();
  const int h = set.h, w = set.w, c = set.c;
  const auto inside = [](int at, int start, int side) { return at >= start && at < start + side; };
  const bool recolour = change.brightness != 1 || change.contrast != 1;
  const std::vector<float> changed =
      recolour ? recoloured(real, change, set.image(index)) : std::vector<float>();
  const std::vector<float>& value = recolour ? changed : real;
  const bool colours = c == 3 && change.saturation != 1;
  std::vector<int> columns(static_cast<std::size_t>(w));  // that each column of the result comes from
  for (int x = 0; x < w; ++x)
    columns[static_cast<std::size_t>(x)] = mirrored((change.flip ? w - 1 - x : x) + change.shift_x, w);
  for (int y = 0; y < h; ++y) {
    const std::uint8_t* line = pixels + mirrored(y + change.shift_y, h) * w * c;
    for (int x = 0; x < w; ++x, out += c) {
      if (inside(y, change.erase_y, change.erase_side) && inside(x, change.erase_x, change.erase_side)) {
        std::fill_n(out, c, 0.0F);  // the mean colour
      } else {
        const std::uint8_t* from = line + columns[static_cast<std::size_t>(x)] * c;
        for (int k = 0; k < c; ++k) out[k] = value[from[k]];
        if (colours) saturate(real, static_cast<float>(change.saturation), out);
      }
    }
  }
}

Batch empty_batch(const data::ImageSet& images, std::size_t count) {
  const auto n = static_cast<std::int64_t>(count);
  return {.images = torch::empty({n, images.h, images.w, images.c}).permute({0, 3, 1, 2}),
          .labels = torch::empty({n}, torch::kLong)};
}

/// Calls body(i) for each image of a batch, on the calling thread or on LibTorch's.
template <typename Body>
void for_images(std::size_t count, BatchThreads threads, const Body& body) {
  constexpr std::int64_t kGrain = 16;  // images a thread takes at a time
  const auto some = [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) body(i);
  };
  if (threads == BatchThreads::kLibTorch)
    at::parallel_for(0, static_cast<std::int64_t>(count), kGrain, some);
  else
    some(0, static_cast<std::int64_t>(count));
}

Batch fill(const data::ImageSet& images, std::span<const std::uint32_t> indices,
           const std::vector<float>& real, BatchThreads threads,
           const std::function<Change(std::size_t)>& change) {
  Batch batch = empty_batch(images, indices.size());
  float* out = batch.images.data_ptr<float>();
  std::int64_t* labels = batch.labels.data_ptr<std::int64_t>();
  for_images(indices.size(), threads, [&](std::size_t i) {
    convert(images, indices[i], real, change(i), out + i * images.image_bytes());
    labels[i] = images.labels[indices[i]];
  });
  return batch;
}

/// Blends the images of `others` (as changed as those of the batch) into the batch.
void blend(Batch& batch, const Batch& others, const std::vector<float>& shares) {
  batch.share = torch::tensor(shares);
  batch.other_labels = others.labels;
  const torch::Tensor share = batch.share.reshape({-1, 1, 1, 1});
  batch.images.mul_(share).add_(others.images * (1 - share));
}

}  // namespace

Batch plain_batch(const data::ImageSet& images, std::span<const std::uint32_t> indices,
                  const data::PixelScaling& pixels) {
  return fill(images, indices, real_values(pixels), BatchThreads::kLibTorch,
              [](std::size_t) { return Change{}; });
}

BatchLoader::BatchLoader(const data::ImageSet& images, const data::PixelScaling& pixels,
                         const Augmentation& augmentation, int batch, const Rng& rng, const BatchShare& share)
    : images_(&images),
      real_(real_values(pixels)),
      augmentation_(augmentation),
      batch_(std::min(batch, static_cast<int>(images.size()))),
      share_(share),
      batches_per_epoch_(batch_ > 0 ? static_cast<int>(images.size()) / batch_ : 0),
      rng_(rng) {
  if (batches_per_epoch_ == 0)
    throw ConfigError("train: no images, or a batch of none; a batch has at least 1");
  if (batch_ % share_.size != 0)
    throw ConfigError(
        fmt::format("train.batch: {} images cannot be shared by {} processes; use a multiple of {}", batch_,
                    share_.size, share_.size));
}

BatchDraw BatchLoader::draw(int epoch, int index) {
  const auto epoch_id = static_cast<std::uint64_t>(epoch);
  if (order_epoch_ != epoch) {
    order_.resize(images_->size());
    std::iota(order_.begin(), order_.end(), 0U);
    rng_.fork("order", epoch_id).shuffle(std::span(order_));
    order_epoch_ = epoch;
  }
  const auto size = static_cast<std::size_t>(batch_), own = size / static_cast<std::size_t>(share_.size);
  const std::size_t whole = static_cast<std::size_t>(index) * size;
  BatchDraw draw{.epoch = epoch, .start = whole + static_cast<std::size_t>(share_.rank) * own};
  const auto first = order_.begin() + static_cast<std::ptrdiff_t>(draw.start);
  draw.images.assign(first, first + static_cast<std::ptrdiff_t>(own));
  if (augmentation_.mixup <= 0) return draw;
  for (std::size_t i = 0; i < own; ++i) {
    Rng rng = rng_.fork("mixup", epoch_id, draw.start + i);
    draw.others.push_back(order_[whole + rng.below(size)]);
    draw.shares.push_back(static_cast<float>(draw_beta(augmentation_.mixup, rng)));
  }
  return draw;
}

Batch BatchLoader::make(const BatchDraw& draw, BatchThreads threads) const {
  const auto changed = [&](const std::vector<std::uint32_t>& indices, const char* name) {
    return fill(*images_, indices, real_, threads, [&](std::size_t i) {
      return draw_change(augmentation_, images_->h, images_->w,
                         rng_.fork(name, static_cast<std::uint64_t>(draw.epoch), draw.start + i));
    });
  };
  Batch batch = changed(draw.images, "augment");
  if (!draw.others.empty()) blend(batch, changed(draw.others, "augment other"), draw.shares);
  return batch;
}

}  // namespace tinynas::train
