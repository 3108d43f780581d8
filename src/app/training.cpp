#include "tinynas/app/training.h"

#include "tinynas/core/error.h"

namespace tinynas::app {

#ifdef TINYNAS_WITH_TORCH

bool training_is_built_in() { return true; }

TrainingStages built_in_training() {
  return {train::measure_training_macs_per_second, train::training_macs_per_image, train::train_supernet,
          train::supernet_oracle, train::tune};
}

bool serves_first_process(TrainingStages& training, const StopToken& stop) {
  training.processes = train::join_processes();
  if (!training.processes) return false;
  training.process_count = train::process_count(*training.processes);
  if (!train::is_worker(*training.processes)) return false;
  train::serve(*training.processes, stop);
  return true;
}

#else

bool training_is_built_in() { return false; }

namespace {

/// Converts to a function of any signature that only throws.
struct NotBuiltIn {
  template <typename Result, typename... Arguments>
  operator std::function<Result(Arguments...)>() const {
    return [](Arguments...) -> Result {
      throw UnsupportedError(
          "training: not built in; this tinynas was built with TINYNAS_WITH_TORCH=OFF, use a full build");
    };
  }
};

}  // namespace

TrainingStages built_in_training() {
  return {NotBuiltIn{}, NotBuiltIn{}, NotBuiltIn{}, NotBuiltIn{}, NotBuiltIn{}};
}

bool serves_first_process(TrainingStages&, const StopToken&) { return false; }

#endif

}  // namespace tinynas::app
