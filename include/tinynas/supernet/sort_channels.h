#pragma once

#include "tinynas/supernet/network.h"

namespace tinynas::supernet {

/// Reorders the middle channels of every inverted-residual block, fused or not, most important first, so that
/// the first channels a smaller expansion keeps are the best ones (Once-for-All, arXiv:1908.09791
/// section 3.2). Importance is the L1 norm of the channel's weights in the projection. The network computes
/// the same function as before.
void sort_channels(Network& network);

}  // namespace tinynas::supernet
