#pragma once

#include "tinynas/quant/calibrate.h"
#include "tinynas/quant/quantize.h"

namespace tinynas::quant {

/// Of every channel of every tensor, over all pixels and inputs.
struct ChannelStatistics {
  ChannelMeans means = {};
  std::vector<std::vector<float>> largest = {};  ///< magnitudes
};
ChannelStatistics observe_channels(const ir::Graph& graph, const Inputs& inputs);

/// Scales channels of tensors between two layers with weights, so that all of them use int8's steps: those of
/// the first layer are divided by a factor, the second's weights for them multiplied (arXiv:1906.04721,
/// section 4.1). The network computes what it did. What stands between the two must be homogeneous: ReLU,
/// pools and resizes may, ReLU6 may not.
ir::Graph equalise(const ir::Graph& graph, const ChannelStatistics& channels);

}  // namespace tinynas::quant
