#pragma once

#include <vector>

#include "tinynas/supernet/network.h"

namespace tinynas::supernet {

/// Layers [first, end) of a graph that are computed together.
struct Step {
  std::size_t first = 0, end = 0;
  bool chain = false;  ///< one chain; its first layer, if no kernel of ours, is convolved by LibTorch before
  bool norm_first = false;  ///< that case
  bool residual = false;    ///< the last layer is the add of the chain's input
};

/// Cuts a network into chains where its layers allow, and single layers elsewhere.
std::vector<Step> plan_steps(const Network& network);
/// Every layer by itself.
std::vector<Step> single_steps(const Network& network);

}  // namespace tinynas::supernet
