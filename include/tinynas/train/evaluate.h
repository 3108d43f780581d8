#pragma once

#include <cstdint>
#include <vector>

#include "tinynas/supernet/network.h"
#include "tinynas/train/loader.h"
#include "tinynas/train/stages.h"

namespace tinynas::train {

/// Training images that batch norm is re-estimated on: `count` of them, chosen by the seed alone.
std::vector<std::uint32_t> statistics_images(const Context& context, int count);

/// Re-estimates the batch norm of `network` on training images `images`, unaugmented.
void reestimate(supernet::Network& network, const Context& context, std::span<const std::uint32_t> images);

/// Accuracy on the validation images, in looks at more and more of them (in an order of the seed's), until it
/// is below the cutoff or they are all seen. Batch norm must have been re-estimated.
search::Measurement measure_accuracy(const supernet::Network& network, const Context& context, double cutoff,
                                     const StopToken& stop);
/// On all of them, percent.
double accuracy(const supernet::Network& network, const Context& context, const StopToken& stop);

}  // namespace tinynas::train
