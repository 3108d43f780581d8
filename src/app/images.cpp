#include "app/images.h"

#include <fmt/format.h>

#include <algorithm>

#include "tinynas/app/model.h"
#include "tinynas/core/error.h"

namespace tinynas::app {
namespace {

/// The first `count` of a class-balanced choice; all of them for 0 or more than there are.
data::ImageSet at_most(const data::ImageSet& images, int count, std::uint64_t seed) {
  if (count <= 0 || static_cast<std::size_t>(count) >= images.size()) return images;
  return data::hold_out(images, static_cast<std::size_t>(count), seed).validation;
}

/// At the space's resolution, or as they are if it has several.
data::ImageSet sized(const data::ImageSet& images, const space::SearchSpace& space) {
  const int side = space.resolutions.front();
  return space.resolutions.size() > 1 ? images : data::resize(images, side, side);
}

}  // namespace

const data::Dataset& Images::dataset() {
  if (!dataset_) {
    dataset_ = data::load_dataset(experiment_.data.set, experiment_.data.folder);
    const auto have = dataset_->train.size(), held = static_cast<std::size_t>(experiment_.data.held_out);
    if (held >= have)
      throw ConfigError(fmt::format(
          "data.held_out: {} of {} training images leaves none to train on; hold out fewer", held, have));
  }
  return *dataset_;
}

int Images::test_count() {
  const std::size_t all = dataset().test.size(),
                    wanted = static_cast<std::size_t>(experiment_.data.test_images);
  return static_cast<int>(wanted > 0 ? std::min(wanted, all) : all);
}

data::ImageSet test_images(const data::Dataset& dataset, const Experiment& experiment) {
  return at_most(dataset.test, experiment.data.test_images, experiment.search.seed);
}

data::ImageSet Images::test() { return test_images(dataset(), experiment_); }

data::ImageSet Images::test(int resolution) { return data::resize(test(), resolution, resolution); }

data::ImageSet Images::first_test(int count, int resolution) {
  data::ImageSet first = test();
  const std::size_t kept = std::min(static_cast<std::size_t>(count), first.size());
  first.pixels.resize(kept * first.image_bytes());
  first.labels.resize(kept);
  return data::resize(first, resolution, resolution);
}

const data::Split& Images::split() {
  if (!split_) {
    const auto& data = experiment_.data;
    split_ =
        data::hold_out(dataset().train, static_cast<std::size_t>(data.held_out), experiment_.search.seed);
    split_->train = at_most(split_->train, data.train_images, experiment_.search.seed);
  }
  return *split_;
}

int Images::training_count() { return static_cast<int>(split().train.size()); }

TrainingImages Images::training(const space::SearchSpace& space, int count) {
  TrainingImages made;
  made.train = sized(at_most(split().train, count, experiment_.search.seed), space);
  made.validation = sized(split().validation, space);
  made.pixels = data::measure_pixel_scaling(made.train);
  return made;
}

data::ImageSet Images::calibration(const data::ImageSet& training) const {
  return at_most(training, experiment_.exported.calibration_images, experiment_.search.seed);
}

}  // namespace tinynas::app
