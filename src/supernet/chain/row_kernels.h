#pragma once

#include <cstdint>

#include "supernet/chain/chain_kernels.h"
#include "supernet/chain/pool_kernels.h"
#include "supernet/chain/simd.h"

/// The passes over rows of pixels around convolutions: values in memory are T's, float or Bfloat16.
namespace tinynas::supernet::kernels {
namespace {

using namespace simd;

/// Rows that go through all steps of a task at a time: a block of 100 channels is 100 KB.
constexpr std::int64_t kRowBlock = 256;

/// value(at, channel, x, y) of the register there, loaded as R, adds to x and y; they are added to sums.first
/// and sums.second, per channel.
template <typename Value>
void sum_rows(std::int64_t rows, int channels, Sums sums, const Value& value) {
  for_channels<4>(channels, [&]<class R, int V>(int c, Registers<R, V>) {
    R first[V], second[V];
    TINYNAS_UNROLL for (int v = 0; v < V; ++v) first[v] = second[v] = R::splat(0);
    for (std::int64_t r = 0; r < rows; ++r)
      TINYNAS_UNROLL for (int v = 0; v < V; ++v)
          value(r * channels + c + v * R::kLanes, c + v * R::kLanes, first[v], second[v]);
    TINYNAS_UNROLL for (int v = 0; v < V; ++v) {
      accumulate(sums.first + c + v * R::kLanes, first[v]);
      accumulate(sums.second + c + v * R::kLanes, second[v]);
    }
  });
}

/// Calls value(at, channel, Registers of one) for all values.
template <typename Value>
void for_rows(std::int64_t rows, int channels, const Value& value) {
  for (std::int64_t r = 0; r < rows; ++r)
    for_channels<1>(channels, [&](int c, auto registers) { value(r * channels + c, c, registers); });
}

template <typename T>
void sum_squares(std::int64_t rows, int channels, const T* x, Sums sums) {
  sum_rows(rows, channels, sums, [x]<class R>(std::int64_t at, int, R& sum, R& square) {
    const R value = R::load(x + at);
    sum = add(sum, value);
    square = fma(value, value, square);
  });
}

template <typename T>
void before_norm(std::int64_t rows, int channels, const T* h, Norm norm, After after, const T* gradient,
                 const NormGradient& line, T* out) {
  for_rows(rows, channels, [=]<class R>(std::int64_t at, int c, Registers<R, 1>) {
    const R x = R::load(h + at);
    R g = R::load(gradient + at);
    if (after == After::kRelu6)
      g = relu6_gradient(g, fma(R::load(norm.scale + c), x, R::load(norm.shift + c)));
    store(out + at, fma(R::load(line.a + c), g, fma(R::load(line.b + c), x, R::load(line.d + c))));
  });
}

template <typename T>
void finish_forward(std::int64_t rows, int channels, const T* h, Norm norm, After after, const T* addend,
                    T* out) {
  for_rows(rows, channels, [=]<class R>(std::int64_t at, int c, Registers<R, 1>) {
    R value = fma(R::load(norm.scale + c), R::load(h + at), R::load(norm.shift + c));
    if (after == After::kRelu6) value = clamp6(value);
    if (addend != nullptr) value = add(value, R::load(addend + at));
    store(out + at, value);
  });
}

template <typename T>
void finish_backward(std::int64_t rows, int channels, const T* h, Norm norm, After after, const T* gradient,
                     T* out, Sums sums) {
  for (std::int64_t first = 0; first < rows; first += kRowBlock) {
    const std::int64_t count = rows - first < kRowBlock ? rows - first : kRowBlock;
    const std::int64_t skip = first * channels;
    sum_rows(count, channels, sums, [=]<class R>(std::int64_t at, int c, R& sum, R& product_sum) {
      const R x = R::load(h + skip + at);
      R g = R::load(gradient + skip + at);
      if (after == After::kRelu6)
        g = relu6_gradient(g, fma(R::load(norm.scale + c), x, R::load(norm.shift + c)));
      if (out != nullptr) store(out + skip + at, g);
      sum = add(sum, g);
      product_sum = fma(g, x, product_sum);
    });
  }
}

template <typename T>
constexpr RowPasses<T> kRowPasses = {.finish_forward = finish_forward<T>,
                                     .finish_backward = finish_backward<T>,
                                     .sum_squares = sum_squares<T>,
                                     .before_norm = before_norm<T>,
                                     .pool_forward = pool_forward<T>,
                                     .pool_sums = pool_sums<T>,
                                     .pool_before_norm = pool_before_norm<T>};

}  // namespace
}  // namespace tinynas::supernet::kernels
