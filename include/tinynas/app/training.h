#pragma once

#include <functional>
#include <memory>
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
  /// Who trains and evaluates together; null: this process alone.
  std::shared_ptr<train::Processes> processes = nullptr;
  int process_count = 1;
};

/// The training stages of this build. Each throws UnsupportedError ("not built in") when tinynas was built
/// without LibTorch.
TrainingStages built_in_training();
bool training_is_built_in();

/// When torchrun, mpirun or srun started several processes: joins them. The first one goes on to run the
/// pipeline with all of them; in the others this serves it, and returns true when it is done. They need
/// neither the run folder nor the data set.
bool serves_first_process(TrainingStages& training, const StopToken& stop);

}  // namespace tinynas::app
