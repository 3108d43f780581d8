#pragma once

#include <vector>

#include "support/layer_cases.h"
#include "tinynas/core/error.h"

namespace tinynas::test {

enum class LayerKind {
  kConv,
  kConvInput,
  kConv1x1,
  kDepthwise,
  kAdd,
  kGlobalPool,
  kDense,
  kAveragePool,
  kMaxPool,
  kMul,
  kMulChannels,
  kConcat,
  kResize,
  kGather,
  kSlice,
  kConcatRows,
  kReshape,
  kSoftmax,
  kFunction,
  kDilated,
  kSubtract,
  kMinimum,
  kMaximum,
  kLogSoftmax,
  kDepthToSpace,
  kCount
};

/// A layer of the kind with a shape drawn: odd sizes and channels, widths down to 1, padding on any side.
inline LayerCase random_layer(LayerKind kind, Rng rng) {
  const auto small = [&](int low, int high) { return static_cast<std::int16_t>(rng.between(low, high)); };
  const bool wide = rng.chance(0.04);  // several vectors; few channels, so that 500 layers fit a board
  const int w = wide ? rng.between(26, 70) : rng.chance(0.2) ? rng.between(1, 4) : rng.between(1, 25);
  const int c = wide || rng.chance(0.2) ? rng.between(1, 3) : rng.between(1, 40);
  const ir::Shape in = {.h = rng.between(1, 6), .w = w, .c = c};
  const int out_c = rng.between(1, wide ? 4 : 20);
  CaseOptions options{.from_network_input = kind == LayerKind::kConvInput,
                      .large_scales = rng.chance(0.15),
                      .lowest_weights = rng.chance(0.1)};
  ir::Layer layer;
  const auto window = [&](int most_h, int most_w) {
    // "same" padding of a square kernel half of the time, any window otherwise
    if (rng.chance(0.5)) {
      layer.kernel_h = layer.kernel_w = static_cast<std::int16_t>(2 * rng.between(1, 3) + 1);
      layer.stride_h = layer.stride_w = small(1, 2);
      layer.pad_top = layer.pad_left = layer.pad_bottom = layer.pad_right = layer.kernel_w / 2;
      return;
    }
    layer.kernel_h = small(1, most_h);
    layer.kernel_w = small(1, most_w);
    layer.stride_h = small(1, 3);
    layer.stride_w = small(1, 3);
    layer.pad_top = small(std::max(0, layer.kernel_h - in.h), layer.kernel_h - 1);
    layer.pad_bottom = small(0, layer.kernel_h - 1);
    layer.pad_left = small(std::max(0, layer.kernel_w - in.w), layer.kernel_w - 1);
    layer.pad_right = small(0, layer.kernel_w - 1);
  };
  switch (kind) {
    case LayerKind::kConv:
      window(5, 5);
      return layer_case(layer, {in.h, in.w, rng.between(1, 9)}, out_c, rng, options);
    case LayerKind::kConvInput:
      window(8, 5);
      return layer_case(layer, {in.h, in.w, rng.between(1, 4)}, out_c, rng, options);
    case LayerKind::kConv1x1:
      return layer_case(layer, in, out_c, rng, options);
    case LayerKind::kDepthwise:
      layer.op = ir::OpKind::kDepthwiseConv2d;
      window(9, 9);
      if (rng.chance(0.15))
        options.largest_bias = 1 << rng.between(21, 24);  // more than 24 bits are packed otherwise
      return layer_case(layer, in, in.c, rng, options);
    case LayerKind::kAdd:
      layer.op = ir::OpKind::kAdd;
      return layer_case(layer, in, 0, rng, options);
    case LayerKind::kGlobalPool:
      layer.op = ir::OpKind::kGlobalAveragePool;
      return layer_case(layer, in, 0, rng, options);
    case LayerKind::kDense:
      layer.op = ir::OpKind::kDense;
      return layer_case(layer, {1, 1, rng.between(1, 70)}, out_c, rng, options);
    case LayerKind::kAveragePool:
    case LayerKind::kMaxPool:
      layer.op = kind == LayerKind::kMaxPool ? ir::OpKind::kMaxPool : ir::OpKind::kAveragePool;
      options.from_network_input = rng.chance(0.3);
      window(5, 5);
      if (in.h > 1 && in.w > 1 && rng.chance(0.25)) {  // the usual one
        layer.kernel_h = layer.kernel_w = layer.stride_h = layer.stride_w = 2;
        layer.pad_top = layer.pad_bottom = layer.pad_left = layer.pad_right = 0;
      }
      return layer_case(layer, in, 0, rng, options);
    case LayerKind::kMul:
    case LayerKind::kMulChannels:
      layer.op = ir::OpKind::kMul;
      options.factor_per_channel = kind == LayerKind::kMulChannels;
      return layer_case(layer, in, 0, rng, options);
    case LayerKind::kConcat:
      layer.op = ir::OpKind::kConcat;
      options.second_channels = rng.between(1, 12);
      return layer_case(layer, in, 0, rng, options);
    case LayerKind::kResize:
      layer.op = ir::OpKind::kResizeNearest;
      layer.stride_h = small(1, 3);
      layer.stride_w = small(1, 4);
      return layer_case(layer, in, 0, rng, options);
    case LayerKind::kGather:
      layer.op = ir::OpKind::kGather;
      layer.map = 0;
      for (int i = 0; i < out_c; ++i)
        options.map.push_back(static_cast<std::int16_t>(rng.chance(0.2) ? -1 : rng.between(0, in.c - 1)));
      return layer_case(layer, in, out_c, rng, options);
    case LayerKind::kSlice:
      layer.op = ir::OpKind::kSlice;
      layer.stride_h = small(1, 3);
      layer.stride_w = rng.chance(0.5) ? std::int16_t{1} : small(1, 3);
      layer.pad_top = small(0, in.h - 1);
      layer.pad_bottom = small(0, in.h - 1 - layer.pad_top);
      layer.pad_left = small(0, in.w - 1);
      layer.pad_right = small(0, in.w - 1 - layer.pad_left);
      return layer_case(layer, in, 0, rng, options);
    case LayerKind::kConcatRows:
      layer.op = ir::OpKind::kConcatRows;
      options.second_rows = rng.between(1, 3);
      return layer_case(layer, in, 0, rng, options);
    case LayerKind::kReshape: {
      layer.op = ir::OpKind::kReshape;
      layer.kernel_h = in.h % 2 == 0 && rng.chance(0.5) ? std::int16_t{2} : std::int16_t{1};
      if (in.h == 5 && rng.chance(0.5)) layer.kernel_h = 5;
      const auto divisor = [&](int of) {  // any of them
        int found = rng.between(1, of);
        while (of % found != 0) --found;
        return found;
      };
      const int group = layer.kernel_h * in.w * in.c;
      layer.stride_h = static_cast<std::int16_t>(divisor(group));
      return layer_case(layer, in, divisor(group / layer.stride_h), rng, options);
    }
    case LayerKind::kSoftmax:
      layer.op = ir::OpKind::kSoftmax;
      return layer_case(layer, in, 0, rng, options);
    case LayerKind::kFunction:
      layer.op = ir::OpKind::kFunction;
      layer.function = static_cast<ir::Function>(rng.between(1, static_cast<int>(ir::Function::kCount) - 1));
      return layer_case(layer, in, 0, rng, options);
    case LayerKind::kDilated:
      if (rng.chance(0.5)) layer.op = ir::OpKind::kDepthwiseConv2d;
      window(5, 5);
      layer.kernel_h = std::max<std::int16_t>(layer.kernel_h, 2);
      layer.dilation_h = small(2, 3);
      layer.pad_top = small(std::max(0, ir::window_height(layer) - in.h), ir::window_height(layer) - 1);
      return layer_case(layer, {in.h, in.w, rng.between(1, 9)}, out_c, rng, options);
    case LayerKind::kSubtract:
      layer.subtracts = true;
      layer.op = ir::OpKind::kAdd;
      return layer_case(layer, in, 0, rng, options);
    case LayerKind::kMinimum:
    case LayerKind::kMaximum:
      layer.op = kind == LayerKind::kMinimum ? ir::OpKind::kMinimum : ir::OpKind::kMaximum;
      return layer_case(layer, in, 0, rng, options);
    case LayerKind::kLogSoftmax:
      layer.op = ir::OpKind::kLogSoftmax;
      return layer_case(layer, in, 0, rng, options);
    case LayerKind::kDepthToSpace:
      layer.op = ir::OpKind::kDepthToSpace;
      layer.stride_h = small(1, 3);
      layer.stride_w = small(1, 4);
      return layer_case(layer, {in.h, in.w, rng.between(1, 6) * layer.stride_h * layer.stride_w}, 0, rng,
                        options);
    case LayerKind::kCount:
      break;
  }
  throw InternalError("not a kind of layer");
}

}  // namespace tinynas::test
