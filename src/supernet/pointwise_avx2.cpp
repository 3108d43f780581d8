// 1x1 convolutions and the passes over rows around them. Matrix products keep tiles of 6 rows x 16 columns in
// registers and pack nothing: a block of rows and the weights of such small layers lie in the L1 and L2
// caches.
#include "supernet/chain_kernels.h"

#if defined(__AVX2__) && defined(__FMA__)

#include <cstring>

#include "supernet/simd_avx2.h"

namespace tinynas::supernet::kernels {
namespace {

using namespace avx2;

/// Rows that go through all steps of a task at a time: a block of 100 channels is 100 KB.
constexpr std::int64_t kRowBlock = 256;

template <int N>
struct Constant {
  static constexpr int value = N;
};

/// C[T][8 V] = A[T][K] * B[K][8 V].
template <int T, int V>
void product_tile(int k_count, const float* a, int a_stride, const float* b, int b_stride, float* c,
                  int c_stride) {
  float8 acc[T][V];
  TINYNAS_UNROLL for (int t = 0; t < T; ++t) TINYNAS_UNROLL for (int v = 0; v < V; ++v) acc[t][v] = splat(0);
  for (int k = 0; k < k_count; ++k) {
    float8 row[V];
    TINYNAS_UNROLL for (int v = 0; v < V; ++v) row[v] =
        load(b + static_cast<std::ptrdiff_t>(k) * b_stride + v * kLanes);
    TINYNAS_UNROLL for (int t = 0; t < T; ++t) {
      const float8 value = splat(a[static_cast<std::ptrdiff_t>(t) * a_stride + k]);
      TINYNAS_UNROLL for (int v = 0; v < V; ++v) acc[t][v] = fma(value, row[v], acc[t][v]);
    }
  }
  TINYNAS_UNROLL for (int t = 0; t < T; ++t) TINYNAS_UNROLL for (int v = 0; v < V; ++v)
      store(c + static_cast<std::ptrdiff_t>(t) * c_stride + v * kLanes, acc[t][v]);
}

/// C[rows][n] = A[rows][k] * B[k][n], all dense.
void product(std::int64_t rows, int n, int k, const float* a, const float* b, float* c) {
  const auto columns = [&](int column, auto registers) {
    constexpr int V = decltype(registers)::value;
    std::int64_t r = 0;
    for (; r + 6 <= rows; r += 6) product_tile<6, V>(k, a + r * k, k, b + column, n, c + r * n + column, n);
    for (; r < rows; ++r) product_tile<1, V>(k, a + r * k, k, b + column, n, c + r * n + column, n);
  };
  int column = 0;
  for (; column + 16 <= n; column += 16) columns(column, Constant<2>{});
  for (; column < n; column += 8) columns(column, Constant<1>{});
}

/// W[T][8 V] += D[rows][T]^T * A[rows][8 V].
template <int T, int V>
void outer_tile(std::int64_t rows, const float* d, int d_stride, const float* a, int a_stride, float* w) {
  float8 acc[T][V];
  TINYNAS_UNROLL for (int t = 0; t < T; ++t) TINYNAS_UNROLL for (int v = 0; v < V; ++v) acc[t][v] =
      load(w + static_cast<std::ptrdiff_t>(t) * a_stride + v * kLanes);
  for (std::int64_t r = 0; r < rows; ++r, d += d_stride, a += a_stride) {
    float8 row[V];
    TINYNAS_UNROLL for (int v = 0; v < V; ++v) row[v] = load(a + v * kLanes);
    TINYNAS_UNROLL for (int t = 0; t < T; ++t) {
      const float8 value = splat(d[t]);
      TINYNAS_UNROLL for (int v = 0; v < V; ++v) acc[t][v] = fma(value, row[v], acc[t][v]);
    }
  }
  TINYNAS_UNROLL for (int t = 0; t < T; ++t) TINYNAS_UNROLL for (int v = 0; v < V; ++v)
      store(w + static_cast<std::ptrdiff_t>(t) * a_stride + v * kLanes, acc[t][v]);
}

/// W[out][in] += D[rows][out]^T * A[rows][in]: the gradient of the weights. `out` is a multiple of 4.
void add_outer_product(std::int64_t rows, int out, int in, const float* d, const float* a, float* w) {
  const auto columns = [&](int column, auto registers) {
    constexpr int V = decltype(registers)::value;
    for (int o = 0; o < out; o += 4)
      outer_tile<4, V>(rows, d + o, out, a + column, in, w + static_cast<std::ptrdiff_t>(o) * in + column);
  };
  int column = 0;
  for (; column + 24 <= in; column += 24) columns(column, Constant<3>{});
  for (; column + 16 <= in; column += 16) columns(column, Constant<2>{});
  for (; column < in; column += 8) columns(column, Constant<1>{});
}

/// Calls body(first channel, Constant<registers>) for all channels: runs of 32, then of 8.
template <typename Body>
void for_channels(int channels, const Body& body) {
  int c = 0;
  for (; c + 32 <= channels; c += 32) body(c, Constant<4>{});
  for (; c < channels; c += 8) body(c, Constant<1>{});
}

/// value(r, at) -> {x, y}; adds x to sums.first and y to sums.second, per channel.
template <typename Value>
void sum_rows(std::int64_t rows, int channels, Sums sums, const Value& value) {
  for_channels(channels, [&](int c, auto registers) {
    constexpr int V = decltype(registers)::value;
    float8 first[V], second[V];
    TINYNAS_UNROLL for (int v = 0; v < V; ++v) first[v] = second[v] = splat(0);
    for (std::int64_t r = 0; r < rows; ++r)
      TINYNAS_UNROLL for (int v = 0; v < V; ++v)
          value(r * channels + c + v * kLanes, c + v * kLanes, first[v], second[v]);
    TINYNAS_UNROLL for (int v = 0; v < V; ++v) {
      accumulate(sums.first + c + v * kLanes, first[v]);
      accumulate(sums.second + c + v * kLanes, second[v]);
    }
  });
}

void activate_rows(std::int64_t rows, int channels, const float* x, Norm norm, float* out) {
  for (std::int64_t r = 0; r < rows; ++r, x += channels, out += channels)
    for (int c = 0; c < channels; c += kLanes)
      store(out + c, clamp6(fma(load(norm.scale + c), load(x + c), load(norm.shift + c))));
}

}  // namespace

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
    before_norm(rows, task.out, gradient.g + first * task.out, gradient.h + first * task.out, gradient.norm,
                before);
    if (task.x_norm.scale == nullptr) {
      add_outer_product(rows, task.out, task.in, before, x, gradient.weight_gradient);
      product(rows, task.in, task.out, before, task.weight, out);
      continue;
    }
    activate_rows(rows, task.in, x, task.x_norm, active);
    add_outer_product(rows, task.out, task.in, before, active, gradient.weight_gradient);
    product(rows, task.in, task.out, before, task.weight, through);
    sum_rows(rows, task.in, sums, [=](std::int64_t at, int, float8& sum, float8& product_sum) {
      const float8 g = relu6_gradient(load(through + at), load(active + at));
      store(out + at, g);
      sum = add(sum, g);
      product_sum = fma(g, load(x + at), product_sum);
    });
  }
}

void finish_forward(std::int64_t rows, int channels, const float* h, Norm norm, After after,
                    const float* residual, float* out) {
  for (std::int64_t r = 0; r < rows; ++r)
    for (int c = 0; c < channels; c += kLanes) {
      const std::int64_t at = r * channels + c;
      float8 value = fma(load(norm.scale + c), load(h + at), load(norm.shift + c));
      if (after == After::kRelu6) value = clamp6(value);
      if (residual != nullptr) value = add(value, load(residual + at));
      store(out + at, value);
    }
}

void finish_backward(std::int64_t rows, int channels, const float* h, Norm norm, After after,
                     const float* gradient, float* out, Sums sums) {
  for (std::int64_t first = 0; first < rows; first += kRowBlock) {
    const std::int64_t count = rows - first < kRowBlock ? rows - first : kRowBlock;
    const std::int64_t skip = first * channels;
    sum_rows(count, channels, sums, [=](std::int64_t at, int c, float8& sum, float8& product_sum) {
      const float8 x = load(h + skip + at);
      float8 g = load(gradient + skip + at);
      if (after == After::kRelu6) g = relu6_gradient(g, fma(load(norm.scale + c), x, load(norm.shift + c)));
      if (out != nullptr) store(out + skip + at, g);
      sum = add(sum, g);
      product_sum = fma(g, x, product_sum);
    });
  }
}

void sum_squares(std::int64_t rows, int channels, const float* x, Sums sums) {
  sum_rows(rows, channels, sums, [x](std::int64_t at, int, float8& sum, float8& square) {
    const float8 value = load(x + at);
    sum = add(sum, value);
    square = fma(value, value, square);
  });
}

void before_norm(std::int64_t rows, int channels, const float* g, const float* h, const NormGradient& norm,
                 float* out) {
  for (std::int64_t r = 0; r < rows; ++r, g += channels, h += channels, out += channels)
    for (int c = 0; c < channels; c += kLanes)
      store(out + c,
            fma(load(norm.a + c), load(g + c), fma(load(norm.b + c), load(h + c), load(norm.d + c))));
}

}  // namespace tinynas::supernet::kernels

#endif
