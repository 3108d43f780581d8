#include "tinynas/train/batch_queue.h"

#include "support/catch.h"

using namespace tinynas;
using namespace tinynas::train;

namespace {

constexpr Augmentation kQueueChanges{
    .flip = true, .crop_padding = 1, .cutout = 0.5, .colour = 0.2, .mixup = 0.3};

/// Noise of 6 x 5 pixels in colour.
data::ImageSet noise_images(int count) {
  data::ImageSet set{.h = 6, .w = 5, .c = 3, .pixels = {}, .labels = {}};
  Rng rng(9);
  for (int i = 0; i < count; ++i) {
    set.labels.push_back(static_cast<std::uint16_t>(i));
    for (std::size_t p = 0; p < set.image_bytes(); ++p)
      set.pixels.push_back(static_cast<std::uint8_t>(rng.below(256)));
  }
  return set;
}

bool equal(const Batch& a, const Batch& b) {
  return a.images.equal(b.images) && a.labels.equal(b.labels) && a.other_labels.equal(b.other_labels) &&
         a.share.equal(b.share);
}

}  // namespace

TEST_CASE("batches made ahead are the loader's own, over epochs and for any number of workers") {
  const data::ImageSet set = noise_images(22);
  BatchLoader loader(set, {}, kQueueChanges, 4, Rng(3));
  REQUIRE(loader.batches_per_epoch() == 5);
  for (const int workers : {0, 1, 2, 5}) {
    BatchQueue queue(loader, workers);
    for (int step = 0; step < 17; ++step) {
      INFO(workers << " workers, step " << step);
      CHECK(equal(queue.next(step), loader.batch(step / 5, step % 5)));
    }
  }
}

TEST_CASE("a queue may start at any step, and go back") {
  const data::ImageSet set = noise_images(22);
  BatchLoader loader(set, {}, kQueueChanges, 4, Rng(3));
  BatchQueue queue(loader, 2);
  for (const int step : {13, 14, 2, 3, 3}) {
    INFO("step " << step);
    CHECK(equal(queue.next(step), loader.batch(step / 5, step % 5)));
  }
}
