#pragma once

#include <chrono>
#include <map>
#include <optional>

#include "tinynas/app/model.h"
#include "tinynas/app/plan.h"
#include "tinynas/app/run_directory.h"
#include "tinynas/app/training.h"
#include "tinynas/data/dataset.h"
#include "tinynas/ir/graph.h"
#include "tinynas/space/search_space.h"

namespace tinynas::app {

/// Images as the training half wants them.
struct TrainingImages {
  data::ImageSet train, validation;
  data::PixelScaling pixels;
};

/// A network by itself: a genome of a space that has its resolution alone.
struct NetworkAlone {
  space::SearchSpace space;
  space::Genome genome;
};

/// An experiment's input mode and budget on a device; where the budget is silent, the device's SRAM and Flash
/// bind.
Target target_of(const Experiment& experiment, const cost::Device& device);

/// What the held-out images are to the winner: "held-out images", or those "(trained on too)".
std::string held_out_images_text(const Experiment& experiment);

/// What a data set fixes of its networks.
space::Task task_of(const data::Dataset& dataset);

/// How pixels enter a quantized network.
ir::TensorQuant input_quant_of(const data::PixelScaling& pixels);

/// What the stages of one run share, made when first asked for: the data set, the space, the device, and what
/// earlier stages wrote into the run.
class Workspace {
 public:
  Workspace(RunDirectory run, TrainingStages training);
  /// Of a run that searches the supernet of `owner`, whose data set, images and oracle it uses.
  Workspace(RunDirectory run, Workspace& owner);

  const RunDirectory& run() const { return run_; }
  const Experiment& experiment() const { return run_.experiment(); }
  const TrainingStages& training() const { return training_; }
  /// Since this object was made: what planning has already used of a time limit.
  double elapsed_s() const;

  const data::Dataset& dataset();
  /// How many test images there are for this experiment.
  int test_image_count();
  /// The test images alone, as they are or at a resolution; only stages after `export` ask.
  data::ImageSet test_images();
  data::ImageSet test_images(int resolution);
  const cost::Device& device();
  Target target();
  /// The whole space as the experiment ranks it, from the copy kept in the run.
  const space::SearchSpace& space();
  space::Task task();

  /// Training images that remain after the held-out ones and data.train_images.
  int training_image_count();
  /// For a space, the training images cut down to `count` (the same number per class): at its resolution, or
  /// as they are if it has several.
  TrainingImages images(const space::SearchSpace& space, int count);

  /// From rank.json and plan.json.
  space::SearchSpace chosen_space();
  Plan plan();
  /// For the training stages, over the chosen space; lives as long as this object.
  const train::Context& context();
  train::Context context(const space::SearchSpace& space, const TrainingImages& images);
  /// For what is done with one network of the chosen space: the same, but at its resolution. Pixels are
  /// scaled as for the supernet, whose weights it starts from.
  const train::Context& context(const NetworkAlone& network);
  /// Where supernet.pt and the files of its training lie: this run, or the one whose supernet it searches.
  std::filesystem::path supernet_folder() const;
  /// Accuracies by the supernet; no network is evaluated twice, in this process or after a resume.
  const search::AccuracyOracle& oracle();

  /// The training images that ranges are calibrated on: export.calibration_images of the context's.
  data::ImageSet calibration_images(const train::Context& context) const;

  /// A network of the chosen space.
  NetworkAlone alone(const space::Genome& genome);
  /// From search.json, tuned.weights: the winner with its float weights.
  NetworkAlone winner();
  ir::Graph tuned_graph();
  ir::TensorQuant input_quant();

 private:
  const data::Split& split();

  RunDirectory run_;
  TrainingStages training_;
  Workspace* owner_ = nullptr;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::optional<data::Dataset> dataset_;
  std::optional<data::Split> split_;
  std::optional<cost::Device> device_;
  std::optional<space::SearchSpace> space_;
  struct Prepared {
    TrainingImages images;
    train::Context context;
  };
  std::optional<Prepared> chosen_;
  std::map<int, Prepared> alone_;  ///< by resolution
  search::AccuracyOracle oracle_;
};

}  // namespace tinynas::app
