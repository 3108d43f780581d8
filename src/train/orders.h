#pragma once

#include <string>
#include <vector>

#include "tinynas/search/measurement.h"
#include "tinynas/train/context.h"
#include "tinynas/train/recipe.h"

/// How the first process tells the others what to do, and with what.
namespace tinynas::train {

enum class Job { kTrain, kTune, kMeasure, kHoldSupernet, kEvaluate };

struct Order {
  Job job = Job::kTrain;
  Context context = {};                     ///< without images and processes
  Recipe recipe = {};                       ///< kTrain, kTune; the batch alone for kMeasure
  std::vector<space::Genome> genomes = {};  ///< kEvaluate; one for kTune
  double cutoff = search::kNoCutoff;        ///< kEvaluate
  std::string tune_name = {};               ///< kTune
  int bn_images = 0;                        ///< kHoldSupernet
  std::string images = {};  ///< images_of(context): sent behind the order if the others do not hold them
};

/// Names the images of a context, for Order; empty in a process alone.
std::string images_of(const Context& context);

std::string to_text(const Order& order);
Order parse_order(const std::string& text);

/// Called by the first process: tells the others, and sends them the context's images if they have others.
/// Does nothing in a process alone.
void announce(const Context& context, Order order);

/// Everybody's bytes become the first process's; the sizes are equal already.
void broadcast_bytes(Processes& processes, void* bytes, std::size_t size);
/// The same for a set of images, of any size before.
void broadcast_images(Processes& processes, data::ImageSet& images);

}  // namespace tinynas::train
