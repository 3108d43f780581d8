#include "tinynas/train/loader.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "support/catch.h"
#include "tinynas/core/error.h"

using namespace tinynas;
using namespace tinynas::train;

namespace {

/// Image i of 2 x 3 pixels, one channel: 10 i, 10 i + 1, ...; label i.
data::ImageSet counting_images(int count) {
  data::ImageSet set{.h = 2, .w = 3, .c = 1, .pixels = {}, .labels = {}};
  for (int i = 0; i < count; ++i) {
    set.labels.push_back(static_cast<std::uint16_t>(i));
    for (int p = 0; p < 6; ++p) set.pixels.push_back(static_cast<std::uint8_t>(10 * i + p));
  }
  return set;
}

std::vector<float> values(const torch::Tensor& tensor) {
  const torch::Tensor plain = tensor.contiguous();
  return {plain.data_ptr<float>(), plain.data_ptr<float>() + plain.numel()};
}

}  // namespace

TEST_CASE("pixels become real = scale * (pixel - 128 - zero_point)") {
  const std::vector<std::uint32_t> indices = {1};
  const Batch batch = plain_batch(counting_images(3), indices, {.scale = 0.5F, .zero_point = -118});
  // 10 - 128 + 118 = 0, then 1, 2, ... times 0.5
  CHECK(batch.images.sizes().vec() == std::vector<std::int64_t>{1, 1, 2, 3});
  CHECK(values(batch.images) == std::vector<float>{0, 0.5F, 1, 1.5F, 2, 2.5F});
  CHECK(batch.labels[0].item<int>() == 1);
}

TEST_CASE("an epoch shows every image once, in another order each time") {
  const data::ImageSet set = counting_images(12);
  BatchLoader loader(set, {}, {}, 4, Rng(3));
  REQUIRE(loader.batches_per_epoch() == 3);
  std::vector<std::vector<std::int64_t>> orders;
  for (int epoch = 0; epoch < 2; ++epoch) {
    std::vector<std::int64_t> seen;
    for (int b = 0; b < 3; ++b) {
      const Batch batch = loader.batch(epoch, b);
      seen.insert(seen.end(), batch.labels.data_ptr<std::int64_t>(),
                  batch.labels.data_ptr<std::int64_t>() + 4);
    }
    orders.push_back(seen);
    std::sort(seen.begin(), seen.end());
    std::vector<std::int64_t> all(12);
    std::iota(all.begin(), all.end(), 0);
    CHECK(seen == all);
  }
  CHECK(orders[0] != orders[1]);
}

TEST_CASE("a batch is the same whether or not the batches before it were asked for") {
  const data::ImageSet set = counting_images(12);
  const Augmentation all{.flip = true, .crop_padding = 1, .cutout = 0.5};
  BatchLoader continuous(set, {}, all, 4, Rng(3)), resumed(set, {}, all, 4, Rng(3));
  for (int b = 0; b < 3; ++b) continuous.batch(0, b);
  const Batch a = continuous.batch(1, 1), b = resumed.batch(1, 1);
  CHECK(a.images.equal(b.images));
  CHECK(a.labels.equal(b.labels));
}

TEST_CASE("flips mirror about half of the images and change nothing else") {
  const data::ImageSet set = counting_images(20);
  BatchLoader loader(set, {.scale = 1, .zero_point = -128}, {.flip = true}, 20, Rng(4));
  const Batch batch = loader.batch(0, 0);
  int mirrored = 0;
  for (int i = 0; i < 20; ++i) {
    const float first = 10.0F * batch.labels[i].item<float>();
    const std::vector<float> image = values(batch.images[i]);
    const bool flipped = image[0] != first;
    mirrored += flipped ? 1 : 0;
    const std::vector<float> plain = {first, first + 1, first + 2, first + 3, first + 4, first + 5};
    const std::vector<float> mirror = {first + 2, first + 1, first, first + 5, first + 4, first + 3};
    CHECK(image == (flipped ? mirror : plain));
  }
  CHECK(mirrored > 3);
  CHECK(mirrored < 17);
}

TEST_CASE("a shifted image goes on as its mirror, however far it is shifted") {
  // One column 0 1 2 3; with it every window of the endless ... 2 1 0 1 2 3 2 1 0 1 ... that starts at -7
  // to 7.
  data::ImageSet column{.h = 4, .w = 1, .c = 1, .pixels = {}, .labels = {}};
  for (int i = 0; i < 200; ++i) {
    for (const int p : {0, 1, 2, 3}) column.pixels.push_back(static_cast<std::uint8_t>(p));
    column.labels.push_back(0);
  }
  BatchLoader loader(column, {.scale = 1, .zero_point = -128}, {.crop_padding = 7}, 200, Rng(5));
  const Batch batch = loader.batch(0, 0);
  std::set<std::vector<float>> seen;
  for (int i = 0; i < 200; ++i) seen.insert(values(batch.images[i]));
  const std::set<std::vector<float>> windows = {{0, 1, 2, 3}, {1, 2, 3, 2}, {2, 3, 2, 1},
                                                {3, 2, 1, 0}, {2, 1, 0, 1}, {1, 0, 1, 2}};
  CHECK(seen == windows);
}

TEST_CASE("cutout erases to the mean") {
  data::ImageSet white{
      .h = 8, .w = 8, .c = 1, .pixels = std::vector<std::uint8_t>(64 * 64, 255), .labels = {}};
  white.labels.assign(64, 0);
  const data::PixelScaling pixels{.scale = 1, .zero_point = -28};  // real = pixel - 100
  BatchLoader cut(white, pixels, {.cutout = 0.5}, 64, Rng(5));
  const torch::Tensor erased = cut.batch(0, 0).images;
  // A square of 4 x 4, less what leaves the image: centred at y, x in 0..7 from -2 to +1.
  const torch::Tensor zeros = erased.eq(0).sum({1, 2, 3});
  CHECK(zeros.max().item<std::int64_t>() == 16);
  CHECK(zeros.min().item<std::int64_t>() >= 4);
}

TEST_CASE("a set without images is refused") {
  CHECK_THROWS_AS(BatchLoader({}, {}, {}, 4, Rng(1)), ConfigError);
}

TEST_CASE("the shares of a batch are the whole batch, whoever takes them") {
  const data::ImageSet set = counting_images(12);
  const Augmentation all{.flip = true, .crop_padding = 1, .cutout = 0.5, .colour = 0.4, .mixup = 0.4};
  BatchLoader whole(set, {}, all, 6, Rng(3));
  const Batch expected = whole.batch(1, 1);
  std::vector<torch::Tensor> images, labels, others;
  for (const int rank : {0, 1, 2}) {
    BatchLoader part(set, {}, all, 6, Rng(3), {.rank = rank, .size = 3});
    CHECK(part.batch_size() == 6);
    const Batch batch = part.batch(1, 1);
    images.push_back(batch.images);
    labels.push_back(batch.labels);
    others.push_back(batch.other_labels);
  }
  CHECK(torch::cat(images).equal(expected.images));
  CHECK(torch::cat(labels).equal(expected.labels));
  CHECK(torch::cat(others).equal(expected.other_labels));
}

TEST_CASE("mixup blends two images of the batch by the share that their labels get") {
  // Image i is all 10 i: a blend of images a and b with share s is 10 (s a + (1 - s) b) everywhere.
  data::ImageSet set{.h = 2, .w = 2, .c = 1, .pixels = {}, .labels = {}};
  for (int i = 0; i < 16; ++i) {
    set.labels.push_back(static_cast<std::uint16_t>(i));
    set.pixels.insert(set.pixels.end(), 4, static_cast<std::uint8_t>(10 * i));
  }
  BatchLoader loader(set, {.scale = 1, .zero_point = -128}, {.mixup = 0.5}, 16, Rng(6));
  const Batch batch = loader.batch(0, 0);
  const torch::Tensor share = batch.share;
  const torch::Tensor expected = 10 * (share * batch.labels + (1 - share) * batch.other_labels);
  CHECK(torch::allclose(batch.images.mean({1, 2, 3}), expected, 1e-5, 1e-3));
  CHECK(share.min().item<float>() >= 0);
  CHECK(share.max().item<float>() <= 1);
  CHECK(batch.labels.ne(batch.other_labels).sum().item<int>() > 8);
}

TEST_CASE("shares of Beta(alpha, alpha) have its mean and variance") {
  // Mean 1/2, variance 1 / (4 (2 alpha + 1)): 1/8 for alpha = 1/2.
  const data::ImageSet set = counting_images(4000);
  BatchLoader loader(set, {}, {.mixup = 0.5}, 4000, Rng(7));
  const torch::Tensor share = loader.batch(0, 0).share.to(torch::kDouble);
  CHECK(share.mean().item<double>() == Approx(0.5).margin(0.02));
  CHECK(share.var().item<double>() == Approx(0.125).margin(0.01));
}

TEST_CASE("colour changes stay within black and white and leave the mean grey where it was by contrast") {
  data::ImageSet set{.h = 2, .w = 1, .c = 3, .pixels = {}, .labels = {}};
  for (int i = 0; i < 64; ++i) {
    set.labels.push_back(0);
    set.pixels.insert(set.pixels.end(), {200, 100, 50, 255, 0, 20});
  }
  const data::PixelScaling pixels{.scale = 1, .zero_point = -128};  // real = pixel
  BatchLoader loader(set, pixels, {.colour = 0.5}, 64, Rng(8));
  const torch::Tensor images = loader.batch(0, 0).images;
  CHECK(images.min().item<float>() >= 0);
  CHECK(images.max().item<float>() <= 255);
  const torch::Tensor red = images.select(1, 0).select(1, 0);  // of the first pixel, 200 before
  CHECK(red.std().item<float>() > 20);
  CHECK(red.mean().item<float>() == Approx(200).margin(30));
  // Without colours in the image a change of saturation is none: the three channels stay equal.
  data::ImageSet grey = set;
  std::fill(grey.pixels.begin(), grey.pixels.end(), std::uint8_t{90});
  BatchLoader greys(grey, pixels, {.colour = 0.5}, 64, Rng(8));
  const torch::Tensor same = greys.batch(0, 0).images;
  CHECK(torch::allclose(same.select(1, 0), same.select(1, 2), 1e-4, 1e-3));
}
