#pragma once

#include <array>

#include "support/layer_cases.h"

namespace tinynas::test {

/// A layer that was also measured with other engines: instructions per multiply-accumulate (per output for
/// the add, per input for the pool) on Cortex-M4 of CMSIS-NN 99f736a6 and TinyEngine 47bb283 built with
/// -Ofast.
struct KnownLayer {
  const char* name;
  ir::OpKind op;
  int in_h, in_w, in_c, out_c, kernel, stride;
  bool from_network_input;
  double cmsis_nn, tinyengine;
};

constexpr std::array kKnownLayers = {
    KnownLayer{"a conv 3x3 s2, 3->16, 96x96", ir::OpKind::kConv2d, 96, 96, 3, 16, 3, 2, true, 4.823, 1.975},
    KnownLayer{"b 1x1 16->96, 48x48", ir::OpKind::kConv2d, 48, 48, 16, 96, 1, 1, false, 3.955, 2.719},
    KnownLayer{"c 1x1 96->24, 24x24", ir::OpKind::kConv2d, 24, 24, 96, 24, 1, 1, false, 1.850, 1.914},
    KnownLayer{"d depthwise 3x3 s1, 96, 24x24", ir::OpKind::kDepthwiseConv2d, 24, 24, 96, 96, 3, 1, false,
               8.643, 6.439},
    KnownLayer{"e depthwise 5x5 s2, 144, 24x24", ir::OpKind::kDepthwiseConv2d, 24, 24, 144, 144, 5, 2, false,
               9.159, 5.396},
    KnownLayer{"f depthwise 7x7 s1, 192, 12x12", ir::OpKind::kDepthwiseConv2d, 12, 12, 192, 192, 7, 1, false,
               7.919, 3.588},
    KnownLayer{"g 1x1 240->40, 12x12", ir::OpKind::kConv2d, 12, 12, 240, 40, 1, 1, false, 1.613, 1.721},
    KnownLayer{"h 1x1 480->160, 6x6", ir::OpKind::kConv2d, 6, 6, 480, 160, 1, 1, false, 1.592, 1.625},
    KnownLayer{"i add 24x24x24", ir::OpKind::kAdd, 24, 24, 24, 24, 1, 1, false, 81.2, 74.7},
    KnownLayer{"j global average pool 6x6x160", ir::OpKind::kGlobalAveragePool, 6, 6, 160, 160, 1, 1, false,
               6.49, 8.94},
    KnownLayer{"k dense 160->1000", ir::OpKind::kDense, 1, 1, 160, 1000, 1, 1, false, 2.184, 2.903},
};

inline LayerCase known_layer_case(const KnownLayer& known) {
  ir::Layer layer{.op = known.op};
  if (known.op == ir::OpKind::kConv2d || known.op == ir::OpKind::kDepthwiseConv2d) {
    layer.kernel_h = layer.kernel_w = static_cast<std::int16_t>(known.kernel);
    layer.stride_h = layer.stride_w = static_cast<std::int16_t>(known.stride);
    layer.pad_top = layer.pad_left = layer.pad_bottom = layer.pad_right =
        static_cast<std::int16_t>(known.kernel / 2);
  }
  return layer_case(layer, {known.in_h, known.in_w, known.in_c}, known.out_c, Rng(1),
                    {.from_network_input = known.from_network_input});
}

/// What instructions are counted per.
inline double work_of(const LayerCase& c) {
  const Macs macs = ir::layer_macs(c.graph, c.layer());
  return static_cast<double>(macs > 0 ? macs : c.graph.in_shape(c.layer()).elements());
}

}  // namespace tinynas::test
