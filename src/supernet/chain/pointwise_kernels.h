#pragma once

#include <cstdint>

#include "supernet/chain/chain_kernels.h"
#include "supernet/chain/row_kernels.h"

/// 1x1 convolutions. Matrix products keep tiles of rows x channels in registers and pack nothing: a block of
/// rows and the weights of such small layers lie in the L1 and L2 caches.
namespace tinynas::supernet::kernels {
namespace {

using namespace simd;

/// C[T][V registers] = A[T][K] * B[K][V registers].
template <int T, class R, int V>
void product_tile(int k_count, const float* a, int a_stride, const float* b, int b_stride, float* c,
                  int c_stride) {
  R acc[T][V];
  TINYNAS_UNROLL for (int t = 0; t < T; ++t) TINYNAS_UNROLL for (int v = 0; v < V; ++v) acc[t][v] =
      R::splat(0);
  for (int k = 0; k < k_count; ++k) {
    R row[V];
    TINYNAS_UNROLL for (int v = 0; v < V; ++v) row[v] =
        R::load(b + static_cast<std::ptrdiff_t>(k) * b_stride + v * R::kLanes);
    TINYNAS_UNROLL for (int t = 0; t < T; ++t) {
      const R value = R::splat(a[static_cast<std::ptrdiff_t>(t) * a_stride + k]);
      TINYNAS_UNROLL for (int v = 0; v < V; ++v) acc[t][v] = fma(value, row[v], acc[t][v]);
    }
  }
  TINYNAS_UNROLL for (int t = 0; t < T; ++t) TINYNAS_UNROLL for (int v = 0; v < V; ++v)
      store(c + static_cast<std::ptrdiff_t>(t) * c_stride + v * R::kLanes, acc[t][v]);
}

/// C[rows][n] = A[rows][k] * B[k][n], all dense.
void product(std::int64_t rows, int n, int k, const float* a, const float* b, float* c) {
  constexpr int kRows =
      kRegisters == 32 ? 8 : 6;  // two registers of sums each, and some left for the operands
  for_channels<2>(n, [&]<class R, int V>(int column, Registers<R, V>) {
    std::int64_t r = 0;
    for (; r + kRows <= rows; r += kRows)
      product_tile<kRows, R, V>(k, a + r * k, k, b + column, n, c + r * n + column, n);
    for (; r < rows; ++r) product_tile<1, R, V>(k, a + r * k, k, b + column, n, c + r * n + column, n);
  });
}

/// W[T][V registers] += D[rows][T]^T * A[rows][V registers].
template <int T, class R, int V>
void outer_tile(std::int64_t rows, const float* d, int d_stride, const float* a, int a_stride, float* w) {
  R acc[T][V];
  TINYNAS_UNROLL for (int t = 0; t < T; ++t) TINYNAS_UNROLL for (int v = 0; v < V; ++v) acc[t][v] =
      R::load(w + static_cast<std::ptrdiff_t>(t) * a_stride + v * R::kLanes);
  for (std::int64_t r = 0; r < rows; ++r, d += d_stride, a += a_stride) {
    R row[V];
    TINYNAS_UNROLL for (int v = 0; v < V; ++v) row[v] = R::load(a + v * R::kLanes);
    TINYNAS_UNROLL for (int t = 0; t < T; ++t) {
      const R value = R::splat(d[t]);
      TINYNAS_UNROLL for (int v = 0; v < V; ++v) acc[t][v] = fma(value, row[v], acc[t][v]);
    }
  }
  TINYNAS_UNROLL for (int t = 0; t < T; ++t) TINYNAS_UNROLL for (int v = 0; v < V; ++v)
      store(w + static_cast<std::ptrdiff_t>(t) * a_stride + v * R::kLanes, acc[t][v]);
}

/// W[out][in] += D[rows][out]^T * A[rows][in]: the gradient of the weights. `out` is a multiple of 8.
void add_outer_product(std::int64_t rows, int out, int in, const float* d, const float* a, float* w) {
  constexpr int kOut = kRegisters == 32 ? 8 : 4;  // three registers of sums each
  for_channels<3>(in, [&]<class R, int V>(int column, Registers<R, V>) {
    for (int o = 0; o < out; o += kOut)
      outer_tile<kOut, R, V>(rows, d + o, out, a + column, in,
                             w + static_cast<std::ptrdiff_t>(o) * in + column);
  });
}

void activate_rows(std::int64_t rows, int channels, const float* x, Norm norm, float* out) {
  for_rows(rows, channels, [=]<class R>(std::int64_t at, int c, Registers<R, 1>) {
    store(out + at, clamp6(fma(R::load(norm.scale + c), R::load(x + at), R::load(norm.shift + c))));
  });
}

std::size_t pointwise_scratch(int in, int out) {
  return static_cast<std::size_t>(kRowBlock) * static_cast<std::size_t>(2 * in + out);
}

void pointwise_forward(const PointwiseTask& task, float* y, Sums sums) {
  for (std::int64_t first = 0; first < task.rows; first += kRowBlock) {
    const std::int64_t rows = task.rows - first < kRowBlock ? task.rows - first : kRowBlock;
    const float* x = task.x + first * task.in;
    if (task.x_norm.scale != nullptr) {
      activate_rows(rows, task.in, x, task.x_norm, task.scratch);
      x = task.scratch;
    }
    float* out = y + first * task.out;
    product(rows, task.out, task.in, x, task.weight, out);
    if (sums.first != nullptr) sum_squares(rows, task.out, out, sums);
  }
}

void pointwise_backward(const PointwiseTask& task, const Gradient& gradient, Sums sums) {
  float* before = task.scratch;                   // gradient before the batch norm, [rows][out]
  float* active = before + kRowBlock * task.out;  // activated input, [rows][in]
  float* through = active + kRowBlock * task.in;  // gradient of the activated input
  for (std::int64_t first = 0; first < task.rows; first += kRowBlock) {
    const std::int64_t rows = task.rows - first < kRowBlock ? task.rows - first : kRowBlock;
    const float* x = task.x + first * task.in;
    float* out = gradient.out + first * task.in;
    before_norm(rows, task.out, gradient.h + first * task.out, {}, After::kNothing,
                gradient.g + first * task.out, gradient.norm, before);
    if (task.x_norm.scale == nullptr) {
      add_outer_product(rows, task.out, task.in, before, x, gradient.weight_gradient);
      product(rows, task.in, task.out, before, task.weight, out);
      continue;
    }
    activate_rows(rows, task.in, x, task.x_norm, active);
    add_outer_product(rows, task.out, task.in, before, active, gradient.weight_gradient);
    product(rows, task.in, task.out, before, task.weight, through);
    sum_rows(rows, task.in, sums, [=]<class R>(std::int64_t at, int, R& sum, R& product_sum) {
      const R g = relu6_gradient(R::load(through + at), R::load(active + at));
      store(out + at, g);
      sum = add(sum, g);
      product_sum = fma(g, R::load(x + at), product_sum);
    });
  }
}

}  // namespace
}  // namespace tinynas::supernet::kernels
