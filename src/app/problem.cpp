#include "app/problem.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "tinynas/core/error.h"

namespace tinynas::app {
namespace {

/// What the experiment asks for must be in the space. `wanted` 0: any.
template <typename T>
void require_in_space(std::string_view key, T wanted, const std::vector<T>& there) {
  if (wanted != 0 && std::find(there.begin(), there.end(), wanted) == there.end())
    throw ConfigError(fmt::format("{}: {:g} is not in the space; it has {:g}", key,
                                  static_cast<double>(wanted),
                                  fmt::join(std::vector<double>(there.begin(), there.end()), ", ")));
}

/// Sets aside what rank_problem says.
space::Untrainable not_wanted(const space::SearchSpace& space, const Experiment::Rank& wanted, int side) {
  require_in_space("rank.resolution", wanted.resolution, space.resolutions);
  require_in_space("rank.width", wanted.width, space.widths);
  const bool enlarge = wanted.resolution > 0 || space.resolutions.front() > side;
  return [=](const space::SpaceRank& rank) {
    if (wanted.resolution > 0 && rank.resolution != wanted.resolution)
      return fmt::format("rank.resolution is {}", wanted.resolution);
    if (wanted.width > 0 && rank.width != wanted.width)
      return fmt::format("rank.width is {:g}", wanted.width);
    if (!enlarge && rank.resolution > side) return fmt::format("the images have only {} pixels a side", side);
    return std::string();
  };
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

DataShape shape_of(const data::Dataset& dataset) {
  return {.task = {.input_channels = dataset.train.c, .classes = static_cast<int>(dataset.classes.size())},
          .side = std::max(dataset.train.h, dataset.train.w)};
}

ir::TensorQuant input_quant_of(const data::PixelScaling& pixels) {
  return {.scale = pixels.scale, .zero_point = pixels.zero_point};
}

space::SearchSpace ranked_space(space::SearchSpace space, const Experiment::Rank& wanted, int side) {
  if (wanted.resolution > 0) space.elastic_resolution = false;
  if (space.elastic_resolution && space.resolutions.front() <= side)
    std::erase_if(space.resolutions, [&](int resolution) { return resolution > side; });
  return space;
}

space::RankProblem rank_problem(const space::SearchSpace& space, const DataShape& data, const Target& target,
                                const Experiment::Rank& wanted) {
  return {.space = space,
          .task = data.task,
          .budget = target.budget,
          .cost = space::device_cost(target.device, target.input),
          .untrainable = not_wanted(space, wanted, data.side)};
}

}  // namespace tinynas::app
