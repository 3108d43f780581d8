#pragma once

#include <vector>

#include "tinynas/supernet/network.h"

namespace tinynas::supernet {

/// Layers [first, end) of a graph that are computed together.
struct Step {
  std::size_t first = 0, end = 0;
  bool chain = false;  ///< one chain; its first layer, if no kernel of ours, is convolved by LibTorch before
  bool norm_first = false;  ///< that case
  bool bfloat16 = false;    ///< that case, and in bfloat16: one full convolution and its batch norm
  bool pooled = false;      ///< the step's last layer is maximum pooling of its one convolution
  int addend = -1;          ///< tensor that the step's last layer adds to what the others make; -1: none
};

/// Cuts a network into chains where its layers allow, and single layers elsewhere. With `bfloat16`, chains of
/// full convolutions alone become one step each.
std::vector<Step> plan_steps(const Network& network, bool bfloat16);
/// Every layer by itself.
std::vector<Step> single_steps(const Network& network);

}  // namespace tinynas::supernet
