#include "quant/convolve.h"

#include <algorithm>
#include <cstring>

// The same arithmetic twice, for processors with and without 256-bit vectors; chosen when the program starts.
#if defined(__x86_64__) && defined(__gnu_linux__)
#define TINYNAS_VECTOR_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define TINYNAS_VECTOR_CLONES
#endif
#define TINYNAS_INLINE __attribute__((always_inline)) inline

namespace tinynas::quant {
namespace {

template <typename T>
struct Vector {
  static_assert(sizeof(T) * kLanes == 32);
  typedef T type __attribute__((vector_size(32)));
};

/// Where the taps of a layer lie in its padded image.
struct Geometry {
  ir::Shape out;
  int kernel_h, kernel_w, stride_h, stride_w, dilation_h;
  int padded_w;
  int channels;  ///< of the padded image: of one pixel, in elements
};

template <typename T, typename Source>
std::vector<T> pad_image(const ir::Layer& layer, const ir::Shape& in, std::span<const Source> image,
                         int channels, T outside) {
  const int height = in.h + layer.pad_top + layer.pad_bottom;
  const int width = in.w + layer.pad_left + layer.pad_right;
  std::vector<T> padded(at(height) * at(width * channels), outside);
  const Source* from = image.data();
  for (int y = 0; y < in.h; ++y)
    for (int x = 0; x < in.w; ++x, from += in.c) {
      const std::ptrdiff_t pixel = std::ptrdiff_t{y + layer.pad_top} * width + x + layer.pad_left;
      std::copy(from, from + in.c, padded.begin() + pixel * channels);
    }
  return padded;
}

/// kPixels neighbouring pixels of one output row, kLanes channels: every weight is loaded once for all of
/// them.
template <typename T, int kPixels>
TINYNAS_INLINE void convolve_block(const Geometry& g, const T* __restrict image, const T* __restrict weight,
                                   const T* __restrict bias, T* __restrict out, int out_channels) {
  using V = typename Vector<T>::type;
  V sums[kPixels];
  for (V& sum : sums) std::memcpy(&sum, bias, sizeof(V));
  const std::ptrdiff_t run = std::ptrdiff_t{g.kernel_w} * g.channels;
  const std::ptrdiff_t step = std::ptrdiff_t{g.stride_w} * g.channels;
  for (int kh = 0; kh < g.kernel_h; ++kh, image += std::ptrdiff_t{g.padded_w} * g.dilation_h * g.channels)
    for (std::ptrdiff_t k = 0; k < run; ++k, weight += kLanes) {
      V w;
      std::memcpy(&w, weight, sizeof(V));
      for (int p = 0; p < kPixels; ++p) sums[p] += image[p * step + k] * w;
    }
  for (int p = 0; p < kPixels; ++p) std::memcpy(out + std::ptrdiff_t{p} * out_channels, &sums[p], sizeof(V));
}

template <typename T>
TINYNAS_INLINE void convolve(const Geometry& g, const T* image, const PackedWeights<T>& packed, T* out) {
  constexpr int kPixels = 4;
  const int out_channels = static_cast<int>(packed.bias.size());
  const std::ptrdiff_t taps = std::ptrdiff_t{g.kernel_h} * g.kernel_w * g.channels;
  for (int y = 0; y < g.out.h; ++y) {
    const T* rows = image + std::ptrdiff_t{y} * g.stride_h * g.padded_w * g.channels;
    for (int c = 0; c < out_channels; c += kLanes) {
      const T* weight = packed.weight.data() + c * taps;
      const T* bias = packed.bias.data() + c;
      T* to = out + std::ptrdiff_t{y} * g.out.w * out_channels + c;
      int x = 0;
      for (; x + kPixels <= g.out.w; x += kPixels)
        convolve_block<T, kPixels>(g, rows + std::ptrdiff_t{x} * g.stride_w * g.channels, weight, bias,
                                   to + std::ptrdiff_t{x} * out_channels, out_channels);
      for (; x < g.out.w; ++x)
        convolve_block<T, 1>(g, rows + std::ptrdiff_t{x} * g.stride_w * g.channels, weight, bias,
                             to + std::ptrdiff_t{x} * out_channels, out_channels);
    }
  }
}

template <typename T>
TINYNAS_INLINE void depthwise(const Geometry& g, const T* image, const PackedWeights<T>& packed, T* out) {
  using V = typename Vector<T>::type;
  const int taps = g.kernel_h * g.kernel_w;
  for (int y = 0; y < g.out.h; ++y)
    for (int x = 0; x < g.out.w; ++x) {
      const T* corner =
          image + (std::ptrdiff_t{y} * g.stride_h * g.padded_w + std::ptrdiff_t{x} * g.stride_w) * g.channels;
      for (int c = 0; c < g.channels; c += kLanes, out += kLanes) {
        const T* weight = packed.weight.data() + std::ptrdiff_t{c} * taps;
        V sum;
        std::memcpy(&sum, packed.bias.data() + c, sizeof(V));
        for (int kh = 0; kh < g.kernel_h; ++kh)
          for (int kw = 0; kw < g.kernel_w; ++kw, weight += kLanes) {
            V pixel, w;
            std::memcpy(&pixel,
                        corner + (std::ptrdiff_t{kh} * g.dilation_h * g.padded_w + kw) * g.channels + c,
                        sizeof(V));
            std::memcpy(&w, weight, sizeof(V));
            sum += pixel * w;
          }
        std::memcpy(out, &sum, sizeof(V));
      }
    }
}

// Attributes of clones do not reach templates, hence one plain function for each type and loop.
TINYNAS_VECTOR_CLONES void run_convolve(const Geometry& g, const std::int32_t* image,
                                        const PackedWeights<std::int32_t>& weights, std::int32_t* out) {
  convolve(g, image, weights, out);
}
TINYNAS_VECTOR_CLONES void run_convolve(const Geometry& g, const float* image,
                                        const PackedWeights<float>& weights, float* out) {
  convolve(g, image, weights, out);
}
TINYNAS_VECTOR_CLONES void run_depthwise(const Geometry& g, const std::int32_t* image,
                                         const PackedWeights<std::int32_t>& weights, std::int32_t* out) {
  depthwise(g, image, weights, out);
}
TINYNAS_VECTOR_CLONES void run_depthwise(const Geometry& g, const float* image,
                                         const PackedWeights<float>& weights, float* out) {
  depthwise(g, image, weights, out);
}

bool is_pointwise(const ir::Layer& l) {
  return l.op != ir::OpKind::kDepthwiseConv2d && l.kernel_h == 1 && l.kernel_w == 1 && l.stride_h == 1 &&
         l.stride_w == 1;
}

template <typename T, typename Source>
std::vector<T> accumulate_any(const ir::Layer& layer, ir::Shape in, ir::Shape out,
                              std::span<const Source> image, T outside, const PackedWeights<T>& weights) {
  if (is_pointwise(layer)) {  // one long row: the tail shorter than kPixels then comes once
    in = {1, in.h * in.w, in.c};
    out = {1, out.h * out.w, out.c};
  }
  const bool per_channel = layer.op == ir::OpKind::kDepthwiseConv2d;
  const int channels = per_channel ? round_up_lanes(in.c) : in.c;
  const std::vector<T> padded = pad_image<T>(layer, in, image, channels, outside);
  const Geometry geometry = {.out = out,
                             .kernel_h = layer.kernel_h,
                             .kernel_w = layer.kernel_w,
                             .stride_h = layer.stride_h,
                             .stride_w = layer.stride_w,
                             .dilation_h = layer.dilation_h,
                             .padded_w = in.w + layer.pad_left + layer.pad_right,
                             .channels = channels};
  std::vector<T> sums(at(out.h) * at(out.w) * weights.bias.size());
  if (per_channel)
    run_depthwise(geometry, padded.data(), weights, sums.data());
  else
    run_convolve(geometry, padded.data(), weights, sums.data());
  return sums;
}

}  // namespace

std::vector<std::int32_t> accumulate(const ir::Layer& layer, ir::Shape in, ir::Shape out,
                                     std::span<const std::int8_t> image, std::int32_t outside,
                                     const PackedWeights<std::int32_t>& weights) {
  return accumulate_any<std::int32_t>(layer, in, out, image, outside, weights);
}

std::vector<float> accumulate(const ir::Layer& layer, ir::Shape in, ir::Shape out,
                              std::span<const float> image, float outside,
                              const PackedWeights<float>& weights) {
  return accumulate_any<float>(layer, in, out, image, outside, weights);
}

}  // namespace tinynas::quant
