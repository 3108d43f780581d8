#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "data/support.h"
#include "support/catch.h"
#include "tinynas/core/parallel.h"
#include "tinynas/core/rng.h"

using namespace tinynas;
using Catch::Matchers::Contains;
using Pixels = std::vector<std::uint8_t>;

namespace {

data::ImageSet image(int h, int w, int c, Pixels pixels) {
  return {.h = h, .w = w, .c = c, .pixels = std::move(pixels), .labels = {0}};
}

data::ImageSet random_images(int h, int w, int c, int n) {
  Rng rng(11);
  data::ImageSet images{.h = h, .w = w, .c = c, .pixels = {}, .labels = {}};
  images.labels.assign(static_cast<std::size_t>(n), 0);
  for (std::size_t i = 0; i < images.size() * images.image_bytes(); ++i)
    images.pixels.push_back(static_cast<std::uint8_t>(rng.below(256)));
  return images;
}

}  // namespace

TEST_CASE("pixel scaling is one mean, rounded, and one deviation") {
  // 100 and 140: mean 120, deviation 20.
  const auto scaling = data::measure_pixel_scaling(image(1, 4, 1, {100, 140, 140, 100}));
  CHECK(scaling.scale == 1.0F / 20);
  CHECK(scaling.zero_point == 120 - 128);
  // Blank images would divide by zero; they count as one grey level of deviation.
  CHECK(data::measure_pixel_scaling(image(1, 2, 1, {7, 7})).scale == 1.0F);
}

TEST_CASE("halving an image weighs the pixels by the triangle of an output pixel") {
  // Output pixel 0 of 4 -> 2 has its centre at 1.0 and reaches 2.0 to either side: inputs at 0.5, 1.5, 2.5
  // weigh 1.5, 1.5, 0.5 of 3.5. 0, 70, 210 -> (1.5*0 + 1.5*70 + 0.5*210) / 3.5 = 60.
  const auto half = data::resize(image(1, 4, 1, {0, 70, 210, 210}), 1, 2);
  // Pixel 1 mirrors it: (0.5 * 70 + 1.5 * 210 + 1.5 * 210) / 3.5 = 190.
  CHECK(half.pixels == Pixels{60, 190});
}

TEST_CASE("doubling an image interpolates between neighbouring pixels") {
  // Centres of 2 -> 4 at 0.25, 0.75, 1.25, 1.75 input pixels; inputs at 0.5 and 1.5: weights 1, 3:1, 1:3, 1.
  CHECK(data::resize(image(2, 1, 1, {40, 80}), 4, 1).pixels == Pixels{40, 50, 70, 80});
}

TEST_CASE("resizing keeps channels apart, flat images flat, and equal sizes unchanged") {
  CHECK(data::resize(image(1, 2, 2, {40, 0, 80, 255}), 1, 4).pixels ==
        Pixels{40, 0, 50, 64, 70, 191, 80, 255});
  for (const int size : {1, 5, 16, 24, 27, 29, 47}) {
    const auto white = data::resize(image(28, 28, 1, Pixels(28 * 28, 255)), size, size);
    CHECK(white.pixels == Pixels(static_cast<std::size_t>(size * size), 255));
  }
  const auto noise = random_images(5, 7, 3, 2);
  CHECK(data::resize(noise, 5, 7) == noise);
}

TEST_CASE("the matrices of resizing make its pixels, before they are rounded") {
  const auto noise = random_images(29, 31, 3, 2);
  for (const auto& [h, w] : {std::pair{17, 13}, {28, 30}, {9, 40}}) {
    const auto resized = data::resize(noise, h, w);
    const std::vector<float> rows = data::resize_matrix(29, h), columns = data::resize_matrix(31, w);
    REQUIRE(rows.size() == static_cast<std::size_t>(h) * 29);
    double worst = 0;
    for (std::size_t at = 0; at < resized.pixels.size(); ++at) {
      const std::size_t k = at % 3, x = at / 3 % static_cast<std::size_t>(w),
                        y = at / 3 / static_cast<std::size_t>(w) % static_cast<std::size_t>(h),
                        image = at / resized.image_bytes();
      double sum = 0;
      for (std::size_t i = 0; i < 29; ++i)
        for (std::size_t j = 0; j < 31; ++j)
          sum += static_cast<double>(rows[y * 29 + i]) * columns[x * 31 + j] *
                 noise.image(image)[(i * 31 + j) * 3 + k];
      worst = std::max(worst, std::abs(sum - resized.pixels[at]));
    }
    INFO(h << " x " << w);
    CHECK(worst < 0.5 + 1.0 / 512 + 1e-4);  // the byte, and 8 bits of fraction between the passes
    CHECK(worst > 0.4);
  }
  for (int row = 0; row < 17; ++row) {
    const std::vector<float> matrix = data::resize_matrix(29, 17);
    CHECK(std::accumulate(matrix.begin() + row * 29, matrix.begin() + (row + 1) * 29, 0.0) == 1);
  }
}

TEST_CASE("resizing gives the same bytes for any number of threads") {
  const auto noise = random_images(9, 9, 1, 1000);
  set_parallel_threads(1);
  const auto one = data::resize(noise, 7, 8);
  set_parallel_threads(4);
  CHECK(data::resize(noise, 7, 8) == one);
  set_parallel_threads(0);
  CHECK(one.h == 7);
  CHECK(one.w == 8);
}

TEST_CASE("holding out takes the same number of every class and loses no image") {
  data::ImageSet images = test::flat_images(1, 1, {});
  for (int i = 0; i < 90; ++i) {
    images.labels.push_back(static_cast<std::uint16_t>(i % 3));
    images.pixels.push_back(static_cast<std::uint8_t>(i));
  }
  const auto split = data::hold_out(images, 30, 5);
  std::map<int, int> per_class;
  for (const auto label : split.validation.labels) ++per_class[label];
  CHECK(per_class == std::map<int, int>{{0, 10}, {1, 10}, {2, 10}});

  Pixels all = split.train.pixels;
  all.insert(all.end(), split.validation.pixels.begin(), split.validation.pixels.end());
  std::sort(all.begin(), all.end());
  CHECK(all == images.pixels);
  for (std::size_t i = 0; i < split.validation.size(); ++i)  // labels went with their images
    CHECK(split.validation.labels[i] == split.validation.pixels[i] % 3);

  CHECK(data::hold_out(images, 30, 5).validation == split.validation);
  CHECK(data::hold_out(images, 30, 6).validation.pixels != split.validation.pixels);
}

TEST_CASE("holding out makes up for classes that are too small") {
  const auto split = data::hold_out(test::flat_images(1, 1, {0, 1, 1, 1, 1, 1}), 4, 1);
  CHECK(std::count(split.validation.labels.begin(), split.validation.labels.end(), 1) == 3);
  CHECK(split.train.size() == 2);
}

TEST_CASE("holding out everything is refused") {
  CHECK_THAT(test::message_of([] {
               data::hold_out(test::flat_images(1, 1, {0, 1}), 2, 1);
             }),
             Contains("cannot hold out 2 of 2 training images"));
}
