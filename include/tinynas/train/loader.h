#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <span>
#include <vector>

#include "tinynas/core/rng.h"
#include "tinynas/data/dataset.h"

namespace tinynas::train {

struct Batch {
  torch::Tensor images;  ///< float [N, C, H, W], channels_last
  torch::Tensor labels;  ///< int64 [N]
};

/// Random changes of a training image; the labels stay.
struct Augmentation {
  bool flip = false;     ///< mirror left to right, half of the images
  int crop_padding = 0;  ///< shift by up to this many pixels, black coming in at the border
  double cutout = 0;     ///< side of an erased square as a share of the image (arXiv:1708.04552); 0: none
};

/// Images `indices` of `images` as the network's numbers, unchanged.
Batch plain_batch(const data::ImageSet& images, std::span<const std::uint32_t> indices,
                  const data::PixelScaling& pixels);

/// Shuffled, augmented batches, converted from bytes as they are asked for. Batch (epoch, index) is a
/// function of the Rng's seed alone, so training resumes anywhere with the same numbers.
class BatchLoader {
 public:
  /// `images` must outlive the loader. An epoch drops the images that do not fill a last batch.
  BatchLoader(const data::ImageSet& images, const data::PixelScaling& pixels,
              const Augmentation& augmentation, int batch, const Rng& rng);
  int batches_per_epoch() const { return batches_per_epoch_; }
  int batch_size() const { return batch_; }
  Batch batch(int epoch, int index);

 private:
  const data::ImageSet* images_;
  std::vector<float> real_;  ///< of each pixel value
  Augmentation augmentation_;
  int batch_;
  int batches_per_epoch_;
  Rng rng_;
  int order_epoch_ = -1;
  std::vector<std::uint32_t> order_;  ///< of epoch `order_epoch_`
};

}  // namespace tinynas::train
