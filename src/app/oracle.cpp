#include "app/oracle.h"

#include "app/run/records.h"
#include "app/run/supernet_run.h"
#include "tinynas/search/cached_oracle.h"

namespace tinynas::app {

train::Context Oracle::context(const space::SearchSpace& space, const TrainingImages& images) {
  const Experiment& experiment = run_.experiment();
  return {.space = space,
          .task = images_.shape().task,
          .train = &images.train,
          .validation = &images.validation,
          .pixels = images.pixels,
          .seed = experiment.search.seed,
          .threads = experiment.compute.threads,
          .compute_device = experiment.compute.device,
          .kernel_transforms = experiment.kernel_transforms,
          .mixed_precision = experiment.train.mixed_precision,
          .processes = training_.processes};
}

const train::Context& Oracle::context() { return prepared(chosen_space(run_.path()), nullptr); }

const train::Context& Oracle::context(const NetworkAlone& network) {
  return prepared(network.space, &context().pixels);
}

const train::Context& Oracle::prepared(const space::SearchSpace& space, const data::PixelScaling* pixels) {
  const auto [made, is_new] = prepared_.try_emplace(space.resolutions);
  auto& [images, context] = made->second;
  if (is_new) {
    images = images_.training(space, read<Plan>(run_).train_images);
    if (pixels) images.pixels = *pixels;
    context = this->context(space, images);
  }
  return context;
}

const search::AccuracyOracle& Oracle::answers() {
  if (!answers_) {
    const std::filesystem::path supernet = supernet_folder_of(run_);
    search::AnswerFiles files{.space = chosen_space(run_.path()), .kept = run_ / kAnswersFile};
    if (!run_.experiment().supernet.empty()) files.known = {supernet / kAnswersFile};
    answers_ =
        search::remember(training_.oracle(context(), supernet, run_.experiment().search.bn_images), files);
  }
  return answers_;
}

}  // namespace tinynas::app
