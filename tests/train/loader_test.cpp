#include "tinynas/train/loader.h"

#include <algorithm>
#include <numeric>

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

TEST_CASE("crops bring in black and cutout erases to the mean") {
  data::ImageSet white{
      .h = 8, .w = 8, .c = 1, .pixels = std::vector<std::uint8_t>(64 * 64, 255), .labels = {}};
  white.labels.assign(64, 0);
  const data::PixelScaling pixels{.scale = 1, .zero_point = -28};  // real = pixel - 100
  BatchLoader crop(white, pixels, {.crop_padding = 2}, 64, Rng(5));
  const torch::Tensor shifted = crop.batch(0, 0).images;
  CHECK(shifted.min().item<float>() == -100);                                 // black
  CHECK(shifted.narrow(2, 2, 4).narrow(3, 2, 4).min().item<float>() == 155);  // the middle is never reached
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
