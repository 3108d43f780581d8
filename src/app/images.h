#pragma once

#include <optional>

#include "app/problem.h"

namespace tinynas::app {

/// Images as the training half wants them.
struct TrainingImages {
  data::ImageSet train, validation;
  data::PixelScaling pixels;
};

/// The data set of an experiment and how it is split, read when first asked for.
class Images {
 public:
  explicit Images(const Experiment& experiment) : experiment_(experiment) {}

  const data::Dataset& dataset();
  DataShape shape() { return shape_of(dataset()); }
  /// How many test images there are for this experiment.
  int test_count();
  /// The test images alone, as they are or at a resolution; only stages after `export` ask.
  data::ImageSet test();
  data::ImageSet test(int resolution);
  /// The first `count` of them, or all, at a resolution.
  data::ImageSet first_test(int count, int resolution);
  /// Training images that remain after the held-out ones and data.train_images.
  int training_count();
  /// For a space, the training images cut down to `count` (the same number per class): at its resolution, or
  /// as they are if it has several.
  TrainingImages training(const space::SearchSpace& space, int count);
  /// Those of `training` that ranges are calibrated on: export.calibration_images.
  data::ImageSet calibration(const data::ImageSet& training) const;

 private:
  const data::Split& split();

  Experiment experiment_;
  std::optional<data::Dataset> dataset_;
  std::optional<data::Split> split_;
};

}  // namespace tinynas::app
