#pragma once

#include <algorithm>
#include <string>

#include "import/tflite_writer.h"
#include "tinynas/core/rng.h"

namespace tinynas::bench {

/// A TFLite file of 3 MB in int8: 20 convolutions 3x3 of 128 channels on 8 x 8, 2,949,120 weights.
inline std::string large_tflite() {
  constexpr int kLayers = 20, kChannels = 128, kSize = 8, kTaps = 9 * kChannels;
  Rng rng(1);
  test::TfliteWriter file;
  const auto activation = [&](int i) {
    return file.int8("activation" + std::to_string(i), {1, kSize, kSize, kChannels}, 0.05F,
                     i == 0 ? 0 : -128);
  };
  const int input = activation(0);
  int last = input;
  for (int i = 1; i <= kLayers; ++i) {
    std::vector<std::int8_t> values(static_cast<std::size_t>(kChannels) * kTaps);
    for (auto& value : values) value = static_cast<std::int8_t>(rng.between(-40, 40));
    const int weights =
        file.weights({kChannels, 3, 3, kChannels}, std::vector<float>(kChannels, 0.0006F), values);
    const int bias = file.int32({kChannels}, std::vector<std::int32_t>(kChannels, 100));
    const int output = activation(i);
    // padding same, strides 1, a relu
    file.node(test::kTfConv, {last, weights, bias}, {output}, {{0, 1, 0}, {1, 4, 1}, {2, 4, 1}, {3, 1, 1}});
    last = output;
  }
  return file.finish({input}, {last});
}

}  // namespace tinynas::bench
