#pragma once

#include <functional>
#include <optional>

#include "tinynas/train/stages.h"

namespace tinynas::app {

/// The training half as a run calls it: train/stages.h, or stand-ins in tests. The only seam between the run
/// and LibTorch.
struct TrainingStages {
  std::function<decltype(train::measure_training_macs_per_second)> measure;
  std::function<decltype(train::training_macs_per_image)> macs_per_image;
  std::function<decltype(train::train_supernet)> train_supernet;
  std::function<decltype(train::supernet_oracle)> oracle;
  std::function<decltype(train::tune)> tune;
};

/// Those of this build. Each throws UnsupportedError ("not built in") when tinynas was built without
/// LibTorch.
TrainingStages built_in_training();
bool training_is_built_in();

}  // namespace tinynas::app
