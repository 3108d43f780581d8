#pragma once

#include <limits>
#include <string>

#include "tinynas/app/experiment.h"
#include "tinynas/app/model.h"
#include "tinynas/data/dataset.h"
#include "tinynas/space/rank.h"

/// What an experiment asks for, in the words of the modules that answer.
namespace tinynas::app {

/// An experiment's input mode and budget on a device; where the budget is silent, the device's SRAM and Flash
/// bind.
Target target_of(const Experiment& experiment, const cost::Device& device);

/// What the held-out images are to the winner: "held-out images", or those "(trained on too)".
std::string held_out_images_text(const Experiment& experiment);

/// What a data set fixes of its networks.
struct DataShape {
  space::Task task;
  int side = std::numeric_limits<int>::max();  ///< the longer one of its images; unknown: any
};
DataShape shape_of(const data::Dataset& dataset);

/// How pixels enter a quantized network.
ir::TensorQuant input_quant_of(const data::PixelScaling& pixels);

/// A space as an experiment ranks it. Its elastic resolutions are those that the images' side reaches; one
/// that is asked for (rank.resolution) is not elastic.
space::SearchSpace ranked_space(space::SearchSpace space, const Experiment::Rank& wanted, int side);

/// Sets aside what is not `wanted`, and resolutions above that of the data set: enlarged images cost more and
/// show nothing new. A space that has only such resolutions keeps them, as does an experiment that asks for
/// one.
space::RankProblem rank_problem(const space::SearchSpace& space, const DataShape& data, const Target& target,
                                const Experiment::Rank& wanted);

}  // namespace tinynas::app
