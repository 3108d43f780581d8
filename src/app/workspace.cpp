#include "app/workspace.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/run/files.h"
#include "app/run/json.h"
#include "app/run/rank_files.h"
#include "app/run/supernet_run.h"
#include "app/run/weights_file.h"
#include "app/space_ranking.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/cost/device.h"
#include "tinynas/quant/quantize.h"
#include "tinynas/search/cached_oracle.h"
#include "tinynas/space/lower.h"

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

Target target_of(const Experiment& experiment, const cost::Device& device) {
  Target target{.device = device, .input = experiment.input, .budget = experiment.budget};
  if (!target.budget.sram_bytes) target.budget.sram_bytes = device.sram_bytes;
  if (!target.budget.flash_bytes) target.budget.flash_bytes = device.flash_bytes;
  return target;
}

std::string held_out_images_text(const Experiment& experiment) {
  return experiment.data.tune_on_held_out ? "held-out images (trained on too)" : "held-out images";
}

space::Task task_of(const data::Dataset& dataset) {
  return {.input_channels = dataset.train.c, .classes = static_cast<int>(dataset.classes.size())};
}

ir::TensorQuant input_quant_of(const data::PixelScaling& pixels) {
  return {.scale = pixels.scale, .zero_point = pixels.zero_point};
}

Workspace::Workspace(RunDirectory run, TrainingStages training)
    : run_(std::move(run)), training_(std::move(training)) {}

Workspace::Workspace(RunDirectory run, Workspace& owner)
    : run_(std::move(run)), training_(owner.training_), owner_(&owner) {}

double Workspace::elapsed_s() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
}

const data::Dataset& Workspace::dataset() {
  if (owner_) return owner_->dataset();
  if (!dataset_) {
    dataset_ = data::load_dataset(experiment().data.set, experiment().data.folder);
    const auto have = dataset_->train.size(), held = static_cast<std::size_t>(experiment().data.held_out);
    if (held >= have)
      throw ConfigError(fmt::format(
          "data.held_out: {} of {} training images leaves none to train on; hold out fewer", held, have));
  }
  return *dataset_;
}

int Workspace::test_image_count() {
  const std::size_t all = dataset().test.size(),
                    wanted = static_cast<std::size_t>(experiment().data.test_images);
  return static_cast<int>(wanted > 0 ? std::min(wanted, all) : all);
}

data::ImageSet Workspace::test_images() {
  return at_most(dataset().test, experiment().data.test_images, experiment().search.seed);
}

data::ImageSet Workspace::test_images(int resolution) {
  return data::resize(test_images(), resolution, resolution);
}

const cost::Device& Workspace::device() {
  if (!device_) device_ = cost::load_device(experiment().device, "device");
  return *device_;
}

Target Workspace::target() { return target_of(experiment(), device()); }

const space::SearchSpace& Workspace::space() {
  if (!space_)
    space_ = ranked_space(space::SearchSpace::load(run_ / kSpaceFile), experiment().rank, side_of(dataset()));
  return *space_;
}

space::Task Workspace::task() { return task_of(dataset()); }

const data::Split& Workspace::split() {
  if (owner_) return owner_->split();
  if (!split_) {
    const auto& data = experiment().data;
    split_ =
        data::hold_out(dataset().train, static_cast<std::size_t>(data.held_out), experiment().search.seed);
    split_->train = at_most(split_->train, data.train_images, experiment().search.seed);
  }
  return *split_;
}

int Workspace::training_image_count() { return static_cast<int>(split().train.size()); }

TrainingImages Workspace::images(const space::SearchSpace& space, int count) {
  TrainingImages made;
  made.train = sized(at_most(split().train, count, experiment().search.seed), space);
  made.validation = sized(split().validation, space);
  made.pixels = data::measure_pixel_scaling(made.train);
  return made;
}

space::SearchSpace Workspace::chosen_space() { return read_chosen_space(run_.path()); }

Plan Workspace::plan() { return read_plan(run_.path()); }

train::Context Workspace::context(const space::SearchSpace& space, const TrainingImages& images) {
  return {.space = space,
          .task = task(),
          .train = &images.train,
          .validation = &images.validation,
          .pixels = images.pixels,
          .seed = experiment().search.seed,
          .threads = experiment().compute.threads,
          .device = experiment().compute.device,
          .kernel_transforms = experiment().kernel_transforms,
          .mixed_precision = experiment().train.mixed_precision,
          .processes = training_.processes};
}

const train::Context& Workspace::context() {
  if (owner_) return owner_->context();
  if (!chosen_) {
    const space::SearchSpace chosen = chosen_space();
    chosen_.emplace(Prepared{.images = images(chosen, plan().train_images), .context = {}});
    chosen_->context = context(chosen, chosen_->images);
  }
  return chosen_->context;
}

const train::Context& Workspace::context(const NetworkAlone& network) {
  if (context().space.resolutions.size() == 1) return context();
  const auto [made, is_new] = alone_.try_emplace(network.space.resolutions.front());
  Prepared& prepared = made->second;
  if (is_new) {
    prepared.images = images(network.space, plan().train_images);
    prepared.images.pixels = context().pixels;
    prepared.context = context(network.space, prepared.images);
  }
  return prepared.context;
}

data::ImageSet Workspace::calibration_images(const train::Context& context) const {
  return at_most(*context.train, experiment().exported.calibration_images, context.seed);
}

std::filesystem::path Workspace::supernet_folder() const { return supernet_folder_of(run_); }

const search::AccuracyOracle& Workspace::oracle() {
  if (owner_) return owner_->oracle();
  if (!oracle_) {
    search::AnswerFiles files{.space = chosen_space(), .kept = run_ / kAnswersFile};
    if (!experiment().supernet.empty()) files.known = {supernet_folder() / kAnswersFile};
    oracle_ = search::remember(training_.oracle(context(), supernet_folder(), experiment().search.bn_images),
                               files);
  }
  return oracle_;
}

NetworkAlone Workspace::alone(const space::Genome& genome) {
  NetworkAlone network{.space = space::at_resolution(chosen_space(), genome.resolution), .genome = genome};
  network.genome.resolution = 0;
  return network;
}

NetworkAlone Workspace::winner() {
  const Json search = read_json(run_, kSearchFile);
  return alone(space::parse_genome(chosen_space(), search.at("genome").get<std::string>(),
                                   (run_ / kSearchFile).string()));
}

ir::Graph Workspace::tuned_graph() {
  const NetworkAlone network = winner();
  ir::Graph graph = space::lower_named(network.space, task(), network.genome);
  quant::attach_weights(graph, decode_weights(run_.read(kWeightsFile), (run_ / kWeightsFile).string()));
  return graph;
}

ir::TensorQuant Workspace::input_quant() { return input_quant_of(context().pixels); }

}  // namespace tinynas::app
