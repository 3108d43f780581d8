#pragma once

#include <cstring>

#include "supernet/chain/chain_kernels.h"
#include "supernet/chain/simd.h"

/// Depthwise convolution and its gradients. A task copies one image's 16 channels into a zero-bordered slab
/// (which fits the L2 cache), so that no tap needs a bounds check; kernel and stride are template constants,
/// and a tile of output pixels is summed without touching memory.
namespace tinynas::supernet::kernels {
namespace {

using namespace simd;

constexpr int larger(int a, int b) { return a > b ? a : b; }
constexpr int smaller(int a, int b) { return a < b ? a : b; }

/// Rows and columns of the slab that holds the padded input.
struct SlabSize {
  int rows = 0, columns = 0;
  std::size_t floats(int channels) const {
    return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns) *
           static_cast<std::size_t>(channels);
  }
};

/// The windows of all outputs, and all inputs even if no window reaches them.
SlabSize input_slab(const DepthwiseShape& s) {
  return {.rows = larger((s.out_h - 1) * s.stride + s.kernel, s.h + s.pad),
          .columns = larger((s.out_w - 1) * s.stride + s.kernel, s.w + s.pad)};
}
/// Zeros before the first output gradient: how far back an input pixel looks.
constexpr int gradient_lead(int kernel, int stride) { return (kernel - 1) / stride; }
SlabSize gradient_slab(const DepthwiseShape& s) {
  const int lead = gradient_lead(s.kernel, s.stride);
  return {.rows = larger(s.out_h, (s.h - 1 + s.pad) / s.stride + 1) + lead,
          .columns = larger(s.out_w, (s.w - 1 + s.pad) / s.stride + 1) + lead};
}

/// K x K kernel, stride S, V registers R of channels.
template <int K, int S, class R, int V>
struct Depthwise {
  static constexpr int kWidth = V * R::kLanes;  // floats of a pixel in slabs and weights
  static constexpr int kTile = 8 / V;           // pixels whose sums hide the latency of a multiply-add
  static constexpr int kLead = gradient_lead(K, S);

  const DepthwiseShape& s;
  SlabSize in = input_slab(s), grad = gradient_slab(s);

  static void copy_row(const float* from, int channels, int pixels, Norm norm, float* to) {
    if (norm.scale == nullptr) {
      for (int p = 0; p < pixels; ++p, from += channels, to += kWidth)
        TINYNAS_UNROLL for (int v = 0; v < V; ++v) store(to + v * R::kLanes, R::load(from + v * R::kLanes));
      return;
    }
    R scale[V], shift[V];
    TINYNAS_UNROLL for (int v = 0; v < V; ++v) {
      scale[v] = R::load(norm.scale + v * R::kLanes);
      shift[v] = R::load(norm.shift + v * R::kLanes);
    }
    for (int p = 0; p < pixels; ++p, from += channels, to += kWidth)
      TINYNAS_UNROLL for (int v = 0; v < V; ++v)
          store(to + v * R::kLanes, clamp6(fma(scale[v], R::load(from + v * R::kLanes), shift[v])));
  }

  void fill_input_slab(const float* x, Norm norm, float* slab) const {
    for (int y = 0; y < s.h; ++y)
      copy_row(x + static_cast<std::ptrdiff_t>(y) * s.w * s.channels, s.channels, s.w, norm,
               slab + ((y + s.pad) * in.columns + s.pad) * kWidth);
  }

  /// The gradient before the output's batch norm: A * g + B * h + D.
  void fill_gradient_slab(const float* g, const float* h, const NormGradient& norm, float* slab) const {
    R a[V], b[V], d[V];
    TINYNAS_UNROLL for (int v = 0; v < V; ++v) {
      a[v] = R::load(norm.a + v * R::kLanes);
      b[v] = R::load(norm.b + v * R::kLanes);
      d[v] = R::load(norm.d + v * R::kLanes);
    }
    for (int y = 0; y < s.out_h; ++y) {
      float* to = slab + ((y + kLead) * grad.columns + kLead) * kWidth;
      for (int x = 0; x < s.out_w; ++x, g += s.channels, h += s.channels, to += kWidth)
        TINYNAS_UNROLL for (int v = 0; v < V; ++v)
            store(to + v * R::kLanes,
                  fma(a[v], R::load(g + v * R::kLanes), fma(b[v], R::load(h + v * R::kLanes), d[v])));
    }
  }

  /// T neighbouring outputs from the slab at the first one's window.
  template <int T>
  void forward_tile(const float* window, const float* weight, float* y, R (&sum)[V], R (&square)[V]) const {
    R acc[T][V];
    TINYNAS_UNROLL for (int t = 0; t < T; ++t) TINYNAS_UNROLL for (int v = 0; v < V; ++v) acc[t][v] =
        R::splat(0);
    for (int ky = 0; ky < K; ++ky) {
      const float* row = window + ky * in.columns * kWidth;
      TINYNAS_UNROLL for (int kx = 0; kx < K; ++kx) {
        R w[V];
        TINYNAS_UNROLL for (int v = 0; v < V; ++v) w[v] =
            R::load(weight + (ky * K + kx) * kWidth + v * R::kLanes);
        TINYNAS_UNROLL for (int t = 0; t < T; ++t) TINYNAS_UNROLL for (int v = 0; v < V; ++v) acc[t][v] =
            fma(w[v], R::load(row + (t * S + kx) * kWidth + v * R::kLanes), acc[t][v]);
      }
    }
    TINYNAS_UNROLL for (int t = 0; t < T; ++t) TINYNAS_UNROLL for (int v = 0; v < V; ++v) {
      store(y + static_cast<std::ptrdiff_t>(t) * s.channels + v * R::kLanes, acc[t][v]);
      sum[v] = add(sum[v], acc[t][v]);
      square[v] = fma(acc[t][v], acc[t][v], square[v]);
    }
  }

  void forward_image(const float* slab, const float* weight, float* y, Sums sums) const {
    R sum[V], square[V];
    TINYNAS_UNROLL for (int v = 0; v < V; ++v) sum[v] = square[v] = R::splat(0);
    for (int oy = 0; oy < s.out_h; ++oy) {
      const float* row = slab + oy * S * in.columns * kWidth;
      float* out = y + static_cast<std::ptrdiff_t>(oy) * s.out_w * s.channels;
      int ox = 0;
      const auto at = [&](auto tile) {
        constexpr int T = decltype(tile)::value;
        for (; ox + T <= s.out_w; ox += T)
          forward_tile<T>(row + ox * S * kWidth, weight, out + static_cast<std::ptrdiff_t>(ox) * s.channels,
                          sum, square);
      };
      at(Tile<kTile>{});
      at(Tile<kTile / 2>{});
      at(Tile<kTile / 4>{});
      if constexpr (kTile == 8) at(Tile<1>{});
    }
    if (sums.first == nullptr) return;
    TINYNAS_UNROLL for (int v = 0; v < V; ++v) {
      accumulate(sums.first + v * R::kLanes, sum[v]);
      accumulate(sums.second + v * R::kLanes, square[v]);
    }
  }

  template <int T>
  struct Tile {
    static constexpr int value = T;
  };

  /// Rows ky to ky + ROWS - 1 of the kernel's gradient, kept in registers over the whole image.
  template <int ROWS>
  void weight_rows(const float* x_slab, const float* g_slab, int ky, float* out) const {
    constexpr int kTaps = ROWS * K;
    out += ky * K * kWidth;
    R acc[kTaps][V];
    TINYNAS_UNROLL for (int k = 0; k < kTaps; ++k) TINYNAS_UNROLL for (int v = 0; v < V; ++v) acc[k][v] =
        R::load(out + k * kWidth + v * R::kLanes);
    for (int oy = 0; oy < s.out_h; ++oy) {
      const float* g = g_slab + ((oy + kLead) * grad.columns + kLead) * kWidth;
      const float* x = x_slab + (oy * S + ky) * in.columns * kWidth;
      for (int ox = 0; ox < s.out_w; ++ox, g += kWidth, x += S * kWidth) {
        R gv[V];
        TINYNAS_UNROLL for (int v = 0; v < V; ++v) gv[v] = R::load(g + v * R::kLanes);
        TINYNAS_UNROLL for (int k = 0; k < kTaps; ++k) TINYNAS_UNROLL for (int v = 0; v < V; ++v) acc[k][v] =
            fma(gv[v], R::load(x + (k / K * in.columns + k % K) * kWidth + v * R::kLanes), acc[k][v]);
      }
    }
    TINYNAS_UNROLL for (int k = 0; k < kTaps; ++k) TINYNAS_UNROLL for (int v = 0; v < V; ++v)
        store(out + k * kWidth + v * R::kLanes, acc[k][v]);
  }

  void weight_gradient(const float* x_slab, const float* g_slab, float* out) const {
    constexpr int kOthers = 2;  // registers for a gradient and an input
    constexpr int kFit = (kRegisters - kOthers) / (K * V), kRows = kFit < 1 ? 1 : smaller(kFit, K);
    int ky = 0;
    for (; ky + kRows <= K; ky += kRows) weight_rows<kRows>(x_slab, g_slab, ky, out);
    if constexpr (K % kRows != 0) weight_rows<K % kRows>(x_slab, g_slab, ky, out);
  }

  /// Input pixel i meets output o through tap k where o * S + k = i + pad: with q and r quotient and
  /// remainder of (i + pad) / S, taps r, r + S, ... and outputs q, q - 1, .... T inputs S apart share their
  /// taps. `g` is at output (q_y, q_x) of the first.
  template <int T, int RX>
  void input_tile(const float* g, const float* weight, int ry, R (&acc)[T][V]) const {
    constexpr int kTapsX = (K - RX + S - 1) / S;
    TINYNAS_UNROLL for (int t = 0; t < T; ++t) TINYNAS_UNROLL for (int v = 0; v < V; ++v) acc[t][v] =
        R::splat(0);
    for (int jy = 0; S * jy + ry < K; ++jy) {
      const float* row = g - jy * grad.columns * kWidth;
      const float* taps = weight + (S * jy + ry) * K * kWidth;
      TINYNAS_UNROLL for (int jx = 0; jx < kTapsX; ++jx) {
        R w[V];
        TINYNAS_UNROLL for (int v = 0; v < V; ++v) w[v] =
            R::load(taps + (S * jx + RX) * kWidth + v * R::kLanes);
        TINYNAS_UNROLL for (int t = 0; t < T; ++t) TINYNAS_UNROLL for (int v = 0; v < V; ++v) acc[t][v] =
            fma(w[v], R::load(row + (t - jx) * kWidth + v * R::kLanes), acc[t][v]);
      }
    }
  }

  struct InputGradient {
    const float* x_slab;  ///< activated
    const float* g_slab;
    const float* weight;
    const float* x;  ///< before batch norm
    bool masked;
    float* out;
  };

  /// Inputs of row y whose column has remainder RX.
  template <int RX>
  void input_row(const InputGradient& p, int y, R (&sum)[V], R (&product)[V]) const {
    const int qy = (y + s.pad) / S, ry = (y + s.pad) % S;
    const float* g_row = p.g_slab + (qy + kLead) * grad.columns * kWidth;
    const float* active = p.x_slab + ((y + s.pad) * in.columns + s.pad) * kWidth;
    const std::ptrdiff_t row = static_cast<std::ptrdiff_t>(y) * s.w * s.channels;
    int x = ((RX - s.pad) % S + S) % S;  // the first column of this remainder
    const auto at = [&](auto tile) {
      constexpr int T = decltype(tile)::value;
      for (; x + (T - 1) * S < s.w; x += T * S) {
        R acc[T][V];
        input_tile<T, RX>(g_row + ((x + s.pad) / S + kLead) * kWidth, p.weight, ry, acc);
        TINYNAS_UNROLL for (int t = 0; t < T; ++t) TINYNAS_UNROLL for (int v = 0; v < V; ++v) {
          const std::ptrdiff_t to = row + static_cast<std::ptrdiff_t>(x + t * S) * s.channels + v * R::kLanes;
          R g = acc[t][v];
          if (p.masked) {
            g = relu6_gradient(g, R::load(active + (x + t * S) * kWidth + v * R::kLanes));
            sum[v] = add(sum[v], g);
            product[v] = fma(g, R::load(p.x + to), product[v]);
          }
          store(p.out + to, g);
        }
      }
    };
    at(Tile<kTile>{});
    at(Tile<kTile / 2>{});
    at(Tile<kTile / 4>{});
    if constexpr (kTile == 8) at(Tile<1>{});
  }

  void input_gradient(const InputGradient& p, Sums sums) const {
    R sum[V], product[V];
    TINYNAS_UNROLL for (int v = 0; v < V; ++v) sum[v] = product[v] = R::splat(0);
    for (int y = 0; y < s.h; ++y) {
      input_row<0>(p, y, sum, product);
      if constexpr (S == 2) input_row<1>(p, y, sum, product);
    }
    if (!p.masked) return;
    TINYNAS_UNROLL for (int v = 0; v < V; ++v) {
      accumulate(sums.first + v * R::kLanes, sum[v]);
      accumulate(sums.second + v * R::kLanes, product[v]);
    }
  }

  void forward(const DepthwiseTask& task, float* y, Sums sums) const {
    std::memset(task.scratch, 0, in.floats(kWidth) * sizeof(float));  // the border stays 0 for all images
    for (int i = 0; i < task.images; ++i) {
      fill_input_slab(task.x + i * image_floats(s.h, s.w), task.x_norm, task.scratch);
      forward_image(task.scratch, task.weight, y + i * image_floats(s.out_h, s.out_w), sums);
    }
  }

  void backward(const DepthwiseTask& task, const Gradient& gradient, Sums sums) const {
    float* x_slab = task.scratch;
    float* g_slab = task.scratch + in.floats(kWidth);
    std::memset(task.scratch, 0, (in.floats(kWidth) + grad.floats(kWidth)) * sizeof(float));
    for (int i = 0; i < task.images; ++i) {
      const std::ptrdiff_t from = i * image_floats(s.h, s.w), to = i * image_floats(s.out_h, s.out_w);
      fill_input_slab(task.x + from, task.x_norm, x_slab);
      fill_gradient_slab(gradient.g + to, gradient.h + to, gradient.norm, g_slab);
      weight_gradient(x_slab, g_slab, gradient.weight_gradient);
      input_gradient({.x_slab = x_slab,
                      .g_slab = g_slab,
                      .weight = task.weight,
                      .x = task.x + from,
                      .masked = task.x_norm.scale != nullptr,
                      .out = gradient.out + from},
                     sums);
    }
  }

  std::ptrdiff_t image_floats(int h, int w) const { return static_cast<std::ptrdiff_t>(h) * w * s.channels; }
};

/// Calls `body` with the Depthwise of the shape's kernel and stride and the task's channels.
template <typename Body>
void dispatch(const DepthwiseShape& s, int channels, const Body& body) {
  const auto with_kernel = [&]<int K>() {
    constexpr int kWide = kDepthwiseChannels / Wide::kLanes;
    const bool whole = channels == kDepthwiseChannels;
    if (s.stride == 1 && whole) return body(Depthwise<K, 1, Wide, kWide>{.s = s});
    if (s.stride == 1) return body(Depthwise<K, 1, Float8, 1>{.s = s});
    if (whole) return body(Depthwise<K, 2, Wide, kWide>{.s = s});
    return body(Depthwise<K, 2, Float8, 1>{.s = s});
  };
  switch (s.kernel) {
    case 3:
      return with_kernel.template operator()<3>();
    case 5:
      return with_kernel.template operator()<5>();
    default:
      return with_kernel.template operator()<7>();
  }
}

std::size_t depthwise_scratch(const DepthwiseShape& shape) {
  return input_slab(shape).floats(kDepthwiseChannels) + gradient_slab(shape).floats(kDepthwiseChannels);
}

void depthwise_forward(const DepthwiseShape& shape, const DepthwiseTask& task, float* y, Sums sums) {
  dispatch(shape, task.channels, [&](const auto& depthwise) { depthwise.forward(task, y, sums); });
}

void depthwise_backward(const DepthwiseShape& shape, const DepthwiseTask& task, const Gradient& gradient,
                        Sums sums) {
  dispatch(shape, task.channels, [&](const auto& depthwise) { depthwise.backward(task, gradient, sums); });
}

}  // namespace
}  // namespace tinynas::supernet::kernels
