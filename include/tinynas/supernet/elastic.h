#pragma once

#include "tinynas/supernet/network.h"

namespace tinynas::supernet {

/// The part of a shared layer that a smaller layer uses, as views: the first `out` and `in` channels and the
/// centre `kernel` x `kernel` weights (`in` is not looked at for depthwise layers). Layers without weights
/// give empty tensors. The part must not be larger than the whole.
struct LayerSize {
  std::int64_t out = 0, in = 0, kernel = 1;
};
LayerTensors elastic_part(const LayerTensors& shared, const LayerSize& size);

}  // namespace tinynas::supernet
