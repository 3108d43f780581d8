#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <span>
#include <vector>

#include "tinynas/core/rng.h"
#include "tinynas/data/dataset.h"

namespace tinynas::train {

struct Batch {
  torch::Tensor images = {};  ///< float [N, C, H, W], channels_last
  torch::Tensor labels = {};  ///< int64 [N]
  /// Set with Augmentation::mixup: the labels of the images blended in, and the share of the first ones, [N].
  torch::Tensor other_labels = {}, share = {};
};

/// Random changes of a training image; the labels stay.
struct Augmentation {
  bool flip = false;     ///< mirror left to right, half of the images
  int crop_padding = 0;  ///< shift by up to this many pixels; its mirror image comes in
  double cutout = 0;     ///< side of an erased square as a share of the image (arXiv:1708.04552); 0: none
  /// Brightness, contrast and saturation are multiplied by up to 1 +- this (arXiv:1312.5402); 0: none.
  double colour = 0;
  /// Each image is blended with another of its batch, share and 1 - share, share from Beta(mixup, mixup)
  /// (arXiv:1710.09412); 0: none. The only change that blends labels.
  double mixup = 0;
};

/// The images of a batch that one of `size` processes takes.
struct BatchShare {
  int rank = 0, size = 1;
};

/// Images `indices` of `images` as the network's numbers, unchanged.
Batch plain_batch(const data::ImageSet& images, std::span<const std::uint32_t> indices,
                  const data::PixelScaling& pixels);

/// What of an epoch a batch is made of.
struct BatchDraw {
  int epoch = 0;
  /// Place of its first image in the epoch; the changes of an image are drawn by its place.
  std::size_t start = 0;
  std::vector<std::uint32_t> images = {};
  std::vector<std::uint32_t> others = {};  ///< with mixup: those blended in, and the shares of the first ones
  std::vector<float> shares = {};
};

/// Which threads make a batch: the calling one alone, or LibTorch's.
enum class BatchThreads { kCaller, kLibTorch };

/// Shuffled, augmented batches, converted from bytes as they are asked for. Batch (epoch, index) is a
/// function of the Rng's seed alone, so training resumes anywhere with the same numbers.
class BatchLoader {
 public:
  /// `images` must outlive the loader. An epoch drops the images that do not fill a last batch. ConfigError
  /// if a batch cannot be shared out equally.
  BatchLoader(const data::ImageSet& images, const data::PixelScaling& pixels,
              const Augmentation& augmentation, int batch, const Rng& rng, const BatchShare& share = {});
  int batches_per_epoch() const { return batches_per_epoch_; }
  /// Images of a whole batch, over all processes.
  int batch_size() const { return batch_; }
  /// This process's share of a batch.
  Batch batch(int epoch, int index) { return make(draw(epoch, index), BatchThreads::kLibTorch); }
  /// The same in two parts: what it consists of, and the work, which several threads may do at once.
  BatchDraw draw(int epoch, int index);
  Batch make(const BatchDraw& draw, BatchThreads threads = BatchThreads::kCaller) const;

 private:
  const data::ImageSet* images_;
  std::vector<float> real_;  ///< of each pixel value
  Augmentation augmentation_;
  int batch_;
  BatchShare share_;
  int batches_per_epoch_;
  Rng rng_;
  int order_epoch_ = -1;
  std::vector<std::uint32_t> order_;  ///< of epoch `order_epoch_`
};

}  // namespace tinynas::train
