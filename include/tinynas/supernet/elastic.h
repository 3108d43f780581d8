#pragma once

#include "tinynas/supernet/tensors.h"

namespace tinynas::supernet {

/// How much of a shared layer a smaller one uses.
struct LayerSize {
  std::int64_t out = 0, in = 0, kernel = 1;
};
/// The part of a shared layer that a smaller layer uses, as views: the first `out` and `in` channels and the
/// centre `kernel` x `kernel` weights (`in` is ignored for depthwise layers). Layers without weights
/// give empty tensors. ConfigError if the part is larger than the whole.
LayerTensors elastic_part(const LayerTensors& shared, const LayerSize& size);

}  // namespace tinynas::supernet
