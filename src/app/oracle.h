#pragma once

#include <map>
#include <utility>
#include <vector>

#include "app/images.h"
#include "app/run/chosen.h"
#include "tinynas/app/training.h"

namespace tinynas::app {

/// The training half as a run meets it, with what it needs to know: contexts over the run's images, and what
/// the supernet says of networks. Made when first asked for; a context lives as long as this object.
class Oracle {
 public:
  /// `images` outlives this object.
  Oracle(RunDirectory run, TrainingStages training, Images& images)
      : run_(std::move(run)), training_(std::move(training)), images_(images) {}
  Oracle(const Oracle&) = delete;
  Oracle& operator=(const Oracle&) = delete;

  const TrainingStages& training() const { return training_; }
  /// For the training stages, over the chosen space.
  const train::Context& context();
  /// For what is done with one network of the chosen space: the same, but at its resolution. Pixels are
  /// scaled as for the supernet, whose weights it starts from.
  const train::Context& context(const NetworkAlone& network);
  train::Context context(const space::SearchSpace& space, const TrainingImages& images);
  /// Accuracies by the supernet; no network is evaluated twice, in this process or after a resume.
  const search::AccuracyOracle& answers();

 private:
  const train::Context& prepared(const space::SearchSpace& space, const data::PixelScaling* pixels);

  RunDirectory run_;
  TrainingStages training_;
  Images& images_;
  std::map<std::vector<int>, std::pair<TrainingImages, train::Context>> prepared_;  ///< by resolutions
  search::AccuracyOracle answers_;
};

}  // namespace tinynas::app
