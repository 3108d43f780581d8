#pragma once

#include "tinynas/core/rng.h"
#include "tinynas/data/dataset.h"
#include "tinynas/space/search_space.h"
#include "tinynas/train/stages.h"

namespace tinynas::test {

/// Images of `classes` classes that differ in which quadrant is bright: learnt within a few steps.
inline data::ImageSet quadrant_images(int count, int side, int classes, Rng rng) {
  data::ImageSet set{.h = side, .w = side, .c = 1, .pixels = {}, .labels = {}};
  for (int i = 0; i < count; ++i) {
    const int label = i % classes;
    set.labels.push_back(static_cast<std::uint16_t>(label));
    for (int y = 0; y < side; ++y)
      for (int x = 0; x < side; ++x) {
        const int quadrant = (y >= side / 2 ? 2 : 0) + (x >= side / 2 ? 1 : 0);
        set.pixels.push_back(static_cast<std::uint8_t>(rng.below(80) + (quadrant == label ? 150 : 20)));
      }
  }
  return set;
}

inline space::SearchSpace quadrant_space() {
  return space::SearchSpace::read(yaml::Node::parse(R"(name: quadrants
resolutions: [8]
widths: [1.0]
stem: { channels: 8, kernel: 3, stride: 1 }
first_channels: 8
kernels: [3, 5]
expansions: [2, 3]
stages:
  - { channels: 16, stride: 2, depths: [1, 2] }
)",
                                                    "quadrants.yaml"));
}

/// Everything a stage is given, and who owns it.
struct QuadrantContext {
  data::ImageSet train = quadrant_images(256, 8, 4, Rng(1));
  data::ImageSet validation = quadrant_images(128, 8, 4, Rng(2));
  train::Context context{.space = quadrant_space(),
                         .task = {.input_channels = 1, .classes = 4},
                         .train = &train,
                         .validation = &validation,
                         .pixels = {.scale = 1.0F / 64, .zero_point = -60},
                         .seed = 5,
                         .threads = 1};
};

inline train::Recipe quick_recipe() {
  return {.epochs = 3, .batch = 16, .learning_rate = 1.6, .flip = false, .crop_padding = 1};
}

}  // namespace tinynas::test
