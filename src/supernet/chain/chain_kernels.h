#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

/// The arithmetic of chains (chain.h) on plain arrays, [N, H, W, C], C a multiple of 8: convolutions without
/// their batch norm, which the *next* pass over the values applies as it reads them. Every function does one
/// task on one thread; tasks are fixed by the shapes, never by the number of threads, and each has partial
/// sums of its own, so results do not depend on threads either.
namespace tinynas::supernet::kernels {

/// Channels are processed in registers of this many.
constexpr int kChannelStep = 8;
/// Channels of one depthwise task: two registers of AVX2, one of AVX-512.
constexpr int kDepthwiseChannels = 16;

/// The upper half of a float, as LibTorch's at::BFloat16 keeps it.
struct Bfloat16 {
  std::uint16_t bits;
};

/// A batch norm as a line per channel, then ReLU6: clamp(scale * x + shift, 0, 6). Null: x itself.
struct Norm {
  const float* scale = nullptr;
  const float* shift = nullptr;
};

/// Gradient of the values before a batch norm from that of the values after it, g:
///     A * g + B * h + D     per channel, h the values before it (Ioffe 2015, arXiv:1502.03167, section 3)
struct NormGradient {
  const float* a = nullptr;
  const float* b = nullptr;
  const float* d = nullptr;
};

/// Per-channel sums that a task adds to, or null: of x and x^2 (forward), of g and g * x (backward).
struct Sums {
  float* first = nullptr;
  float* second = nullptr;
};

struct DepthwiseShape {
  int h = 0, w = 0, out_h = 0, out_w = 0;
  int channels = 0;  ///< of the tensors; a task works on some of them
  int kernel = 3, stride = 1, pad = 1;
};

/// Some images, and kDepthwiseChannels (or the last 8) channels. Pointers are to the task's first image and
/// channel; weights are packed [kernel * kernel][task channels].
struct DepthwiseTask {
  int images = 0, channels = kDepthwiseChannels;
  const float* x = nullptr;
  Norm x_norm;
  const float* weight = nullptr;
  float* scratch = nullptr;
};

/// From g, the gradient after y's batch norm (h = y): `weight_gradient` (packed, added to) and the gradient
/// `out` that leaves x's batch norm on its input side of ReLU6, with sums of it and of it times x.
struct Gradient {
  const float* g = nullptr;
  const float* h = nullptr;
  NormGradient norm;
  float* weight_gradient = nullptr;
  float* out = nullptr;
};

/// A 1x1 convolution on `rows` pixels: x [rows][in], y [rows][out].
struct PointwiseTask {
  std::int64_t rows = 0;
  int in = 0, out = 0;
  const float* x = nullptr;
  Norm x_norm;
  const float* weight = nullptr;  ///< forward: transposed, [in][out]; backward: [out][in]
  float* scratch = nullptr;       ///< pointwise_scratch(in, out) floats
};

/// What follows the last convolution of a chain.
enum class After { kNothing, kRelu6 };

/// Maximum pooling of windows of 2x2, stride 2: [images][h][w][channels] becomes [images][h / 2][w / 2]
/// [channels]; an odd last row or column is ignored.
struct PoolShape {
  std::int64_t images = 0;
  int h = 0, w = 0, channels = 0;
};

/// The passes over rows of values kept as T (float, or half the memory); sums and arithmetic are float's.
template <typename T>
struct RowPasses {
  /// out = norm(h), with ReLU6 or without, plus `addend` if given.
  void (*finish_forward)(std::int64_t rows, int channels, const T* h, Norm norm, After after, const T* addend,
                         T* out);
  /// Sums of g and g * h, where g is `gradient` in front of ReLU6; g is written to `out` if that is not null.
  void (*finish_backward)(std::int64_t rows, int channels, const T* h, Norm norm, After after,
                          const T* gradient, T* out, Sums sums);
  /// Sums of x and x^2.
  void (*sum_squares)(std::int64_t rows, int channels, const T* x, Sums sums);
  /// A * g + B * h + D, where g is `gradient` in front of ReLU6.
  void (*before_norm)(std::int64_t rows, int channels, const T* h, Norm norm, After after, const T* gradient,
                      const NormGradient& line, T* out);
  /// The same three with maximum pooling behind ReLU6: `out` and `gradient` are pooled.
  void (*pool_forward)(const PoolShape& shape, const T* h, Norm norm, After after, T* out);
  void (*pool_sums)(const PoolShape& shape, const T* h, Norm norm, After after, const T* gradient, Sums sums);
  void (*pool_before_norm)(const PoolShape& shape, const T* h, Norm norm, After after, const T* gradient,
                           const NormGradient& line, T* out);
};

/// The functions for one kind of CPU.
struct Table {
  /// Floats of scratch that a task needs.
  std::size_t (*depthwise_scratch)(const DepthwiseShape& shape);
  std::size_t (*pointwise_scratch)(int in, int out);
  /// y = convolution(norm(x)); sums of y.
  void (*depthwise_forward)(const DepthwiseShape& shape, const DepthwiseTask& task, float* y, Sums sums);
  void (*pointwise_forward)(const PointwiseTask& task, float* y, Sums sums);
  void (*depthwise_backward)(const DepthwiseShape& shape, const DepthwiseTask& task, const Gradient& gradient,
                             Sums sums);
  void (*pointwise_backward)(const PointwiseTask& task, const Gradient& gradient, Sums sums);
  RowPasses<float> rows;
  RowPasses<Bfloat16> bfloat_rows;
};

/// For CPUs with AVX2 and FMA, and for those with AVX-512 (F and VL); null in builds for other CPUs.
const Table* for_avx2();
const Table* for_avx512();

/// Whether this CPU multiplies in bfloat16 (AVX-512 BF16).
bool has_bfloat16();
/// The fastest that this CPU has, or those that TINYNAS_KERNELS (avx512, avx2, libtorch) in the environment
/// asks for; null: none, LibTorch's operators have to do. ConfigError for other names, UnsupportedError where
/// the CPU has not what they need.
const Table* chosen();
/// Their name: avx512, avx2 or libtorch.
std::string_view chosen_name();
/// The chosen ones where there are some.
const Table& table();

}  // namespace tinynas::supernet::kernels
