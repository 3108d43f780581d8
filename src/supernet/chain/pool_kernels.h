#pragma once

#include "supernet/chain/chain_kernels.h"
#include "supernet/chain/simd.h"

/// Batch norm, ReLU6 and maximum pooling of windows of 2x2 as one pass, forwards and backwards: a window's
/// largest value is found again from what enters the batch norm, so that nothing at full size is kept or
/// written but the gradient in front of it. Values in memory are T's, float or Bfloat16.
namespace tinynas::supernet::kernels {
namespace {

using namespace simd;

constexpr int kWindow = 4;  ///< values of a window: two rows of two

/// Where the four values of a window lie from its first one.
struct WindowOffsets {
  std::int64_t at[kWindow];
  explicit WindowOffsets(const PoolShape& shape)
      : at{0, shape.channels, std::int64_t{shape.w} * shape.channels,
           (std::int64_t{shape.w} + 1) * shape.channels} {}
};

/// Calls body(first value of the pair's upper row, first value of the row it becomes) for all pairs of rows.
template <typename Body>
void for_row_pairs(const PoolShape& shape, const Body& body) {
  const std::int64_t row = std::int64_t{shape.w} * shape.channels;
  const std::int64_t pooled_row = std::int64_t{shape.w / 2} * shape.channels;
  for (std::int64_t image = 0; image < shape.images; ++image)
    for (int y = 0; y < shape.h / 2; ++y)
      body((image * shape.h + 2 * y) * row, (image * (shape.h / 2) + y) * pooled_row);
}

/// One window of a register's channels, as the network sees it.
template <class R>
struct Window {
  R raw[kWindow];    ///< before batch norm
  R value[kWindow];  ///< behind it, before ReLU6
  R largest;         ///< of `value`; ReLU6 does not change the order
};

template <class R, typename T>
Window<R> load_window(const T* h, const WindowOffsets& offsets, R scale, R shift) {
  Window<R> window;
  TINYNAS_UNROLL for (int i = 0; i < kWindow; ++i) {
    window.raw[i] = R::load(h + offsets.at[i]);
    window.value[i] = fma(scale, window.raw[i], shift);
  }
  window.largest =
      maximum(maximum(window.value[0], window.value[1]), maximum(window.value[2], window.value[3]));
  return window;
}

/// What `gradient` behind the pooling is in front of ReLU6: all of it is of the first of the largest values.
template <class R>
struct Routed {
  R g[kWindow];
};

template <class R>
Routed<R> route(const Window<R>& window, R gradient, After after) {
  R left = after == After::kRelu6 ? relu6_gradient(gradient, window.largest) : gradient;
  Routed<R> routed;
  TINYNAS_UNROLL for (int i = 0; i < kWindow; ++i) {
    routed.g[i] = where_equal(left, window.value[i], window.largest);
    left = where_unequal(left, window.value[i], window.largest);
  }
  return routed;
}

template <typename T>
void pool_forward(const PoolShape& shape, const T* h, Norm norm, After after, T* out) {
  const WindowOffsets offsets(shape);
  for_row_pairs(shape, [&](std::int64_t at, std::int64_t to) {
    for (int x = 0; x < shape.w / 2; ++x, at += 2 * shape.channels, to += shape.channels)
      for_channels<1>(shape.channels, [&]<class R>(int c, Registers<R, 1>) {
        const auto window =
            load_window<R>(h + at + c, offsets, R::load(norm.scale + c), R::load(norm.shift + c));
        store(out + to + c, after == After::kRelu6 ? clamp6(window.largest) : window.largest);
      });
  });
}

template <typename T>
void pool_sums(const PoolShape& shape, const T* h, Norm norm, After after, const T* gradient, Sums sums) {
  const WindowOffsets offsets(shape);
  for_row_pairs(shape, [&](std::int64_t at, std::int64_t from) {
    for_channels<1>(shape.channels, [&]<class R>(int c, Registers<R, 1>) {
      const R scale = R::load(norm.scale + c), shift = R::load(norm.shift + c);
      R sum = R::splat(0), product_sum = R::splat(0);
      for (int x = 0; x < shape.w / 2; ++x) {
        const auto window = load_window<R>(h + at + c + 2 * x * shape.channels, offsets, scale, shift);
        const auto routed = route(window, R::load(gradient + from + c + x * shape.channels), after);
        TINYNAS_UNROLL for (int i = 0; i < kWindow; ++i) {
          sum = add(sum, routed.g[i]);
          product_sum = fma(routed.g[i], window.raw[i], product_sum);
        }
      }
      accumulate(sums.first + c, sum);
      accumulate(sums.second + c, product_sum);
    });
  });
}

/// A g + B h + D where no window reaches, so g is 0: `count` pixels from `at` on.
template <typename T>
void outside_windows(std::int64_t at, std::int64_t count, int channels, const T* h, const NormGradient& line,
                     T* out) {
  for (; count > 0; --count, at += channels)
    for_channels<1>(channels, [&]<class R>(int c, Registers<R, 1>) {
      store(out + at + c, fma(R::load(line.b + c), R::load(h + at + c), R::load(line.d + c)));
    });
}

template <typename T>
void pool_before_norm(const PoolShape& shape, const T* h, Norm norm, After after, const T* gradient,
                      const NormGradient& line, T* out) {
  const WindowOffsets offsets(shape);
  const std::int64_t row = std::int64_t{shape.w} * shape.channels;
  for_row_pairs(shape, [&](std::int64_t at, std::int64_t from) {
    for (int x = 0; x < shape.w / 2; ++x, at += 2 * shape.channels, from += shape.channels)
      for_channels<1>(shape.channels, [&]<class R>(int c, Registers<R, 1>) {
        const auto window =
            load_window<R>(h + at + c, offsets, R::load(norm.scale + c), R::load(norm.shift + c));
        const auto routed = route(window, R::load(gradient + from + c), after);
        const R a = R::load(line.a + c), b = R::load(line.b + c), d = R::load(line.d + c);
        TINYNAS_UNROLL for (int i = 0; i < kWindow; ++i)
            store(out + at + c + offsets.at[i], fma(a, routed.g[i], fma(b, window.raw[i], d)));
      });
    if (shape.w % 2 != 0)
      for (const std::int64_t last : {at, at + row}) outside_windows(last, 1, shape.channels, h, line, out);
  });
  if (shape.h % 2 != 0)
    for (std::int64_t image = 1; image <= shape.images; ++image)
      outside_windows((image * shape.h - 1) * row, shape.w, shape.channels, h, line, out);
}

}  // namespace
}  // namespace tinynas::supernet::kernels
