#pragma once

#include <map>

#include "tinynas/core/progress.h"
#include "tinynas/search/measurement.h"
#include "tinynas/supernet/network.h"
#include "tinynas/train/context.h"

namespace tinynas::train {

/// The images that networks of a context's space are evaluated on, at each of its resolutions as data::resize
/// makes them: what firmware is given.
class EvaluationImages {
 public:
  struct Set {
    data::ImageSet statistics;  ///< training images that batch norm is re-estimated on
    data::ImageSet validation;
  };
  /// `statistics` of the training images, chosen by the seed alone.
  EvaluationImages(const Context& context, int statistics);
  /// The images at the network's resolution.
  const Set& of(const supernet::Network& network) const;

 private:
  std::map<int, Set> sets_;  ///< by resolution
};

/// Re-estimates the batch norm of `network`, on images that are not augmented.
void reestimate(supernet::Network& network, const Context& context, const EvaluationImages& images);

/// Accuracy on the validation images, in looks at more and more of them (in an order of the seed's), until it
/// is below the cutoff or they are all seen. Batch norm must have been re-estimated.
search::Measurement measure_accuracy(const supernet::Network& network, const Context& context,
                                     const EvaluationImages& images, double cutoff, const StopToken& stop);
/// On all of them, percent.
double accuracy(const supernet::Network& network, const Context& context, const EvaluationImages& images,
                const StopToken& stop);

}  // namespace tinynas::train
