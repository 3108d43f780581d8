/* Convolutions over all input channels: the inputs of a few neighbouring outputs are gathered once, in the
 * order of the weight stream, and a block then makes all their output channels, two at a time. */
#include "tinynas_arith.h"
#include "tinynas_kernels.h"

typedef int8_t tn_input;
enum { kPixels = 2 }; /* outputs of a block: as many as leave the accumulators in registers */

static inline int tn_min(int a, int b) { return a < b ? a : b; }
static inline int tn_even(int n) { return (n + 1) & ~1; }

typedef struct {
  const tn_input* inputs; /* [words][2][pixels] */
  const int32_t* weights;
  const uint8_t* shifts;
  int8_t* out; /* of the first channel; the next one out_w further */
  int words, out_c, out_w, zero_point;
} tn_block;

static inline int8_t requantize(const tn_block* block, int channel, int32_t acc, int32_t multiplier) {
  return tn_requantize(acc, multiplier, block->shifts ? block->shifts[channel] : 0, block->zero_point);
}

/* Inlined twice below, so that `pixels` is a constant and the sums are registers. */
static inline __attribute__((always_inline)) void pair_block(const tn_block* block, int pixels) {
  const int32_t* w = block->weights;
  int8_t* out = block->out;
  for (int o = 0; o < block->out_c; o += 2, out += 2 * block->out_w) {
    uint32_t a[kPixels], halves[kPixels];
    for (int p = 0; p < pixels; ++p) a[p] = halves[p] = (uint32_t)*w;
    ++w;
    const tn_input* x = block->inputs;
    for (int i = 0; i < block->words; ++i, ++w, x += 2 * pixels) {
      const int32_t low = tn_low_half(*w), high = tn_high_half(*w);
      for (int p = 0; p < pixels; ++p) {
        halves[p] += (uint32_t)(low * x[p] + high * x[pixels + p]);
        a[p] += (uint32_t)((int8_t)low * x[p] + (int8_t)high * x[pixels + p]);
      }
    }
    for (int p = 0; p < pixels; ++p) out[p] = requantize(block, o, (int32_t)a[p], w[0]);
    if (o + 1 < block->out_c)
      for (int p = 0; p < pixels; ++p)
        out[block->out_w + p] = requantize(block, o + 1, w[2] + tn_recover_b(halves[p], a[p]), w[1]);
    w += 3;
  }
}

static __attribute__((noinline)) void tn_pair_block(const tn_block* block, int pixels) {
  if (pixels == kPixels) {
    pair_block(block, kPixels);
  } else {
    pair_block(block, 1);
  }
}

static inline tn_input* input_at(tn_input* inputs, int k, int pixel, int pixels) {
  return inputs + k * pixels + pixel;
}

/* The padding input of an odd number has a zero weight; it must only be a number. */
static void pad_inputs(tn_input* inputs, int k, int pixels) {
  if (k & 1)
    for (int p = 0; p < pixels; ++p) *input_at(inputs, k, p, pixels) = 0;
}

void tn_conv1x1(const tn_conv1x1_layer* layer, const int8_t* const rows[], int8_t* out, void* scratch) {
  const int width = layer->w, in_c = layer->in_c;
  tn_block block = {.inputs = scratch,
                    .weights = layer->weights,
                    .shifts = layer->shifts,
                    .words = tn_even(in_c) / 2,
                    .out_c = layer->out_c,
                    .out_w = width,
                    .zero_point = layer->out_zero_point};
  int pixels;
  for (int x = 0; x < width; x += pixels) {
    pixels = tn_min(kPixels, width - x);
    const int8_t* in = rows[0] + x;
    for (int k = 0; k < in_c; ++k, in += width)
      for (int p = 0; p < pixels; ++p) *input_at(scratch, k, p, pixels) = in[p];
    pad_inputs(scratch, in_c, pixels);
    block.out = out + x;
    tn_pair_block(&block, pixels);
  }
}

/* One output's window of planar rows, [kernel_h][in_c][kernel_w]. */
static void gather_planar(const tn_conv_layer* layer, const int8_t* const rows[], int first_column,
                          tn_input* inputs, int pixel, int pixels) {
  int k = 0;
  for (int r = 0; r < layer->kernel_h; ++r) {
    const int8_t* in = rows[r];
    for (int c = 0; c < layer->in_c; ++c) {
      for (int j = 0; j < layer->kernel_w; ++j, ++k) {
        const int column = first_column + j;
        const int inside = in && column >= 0 && column < layer->in_w;
        *input_at(inputs, k, pixel, pixels) = (tn_input)(inside ? in[column] : layer->in_zero_point);
      }
      if (in) in += layer->in_w;
    }
  }
}

/* One output's window of interleaved rows, [kernel_h][kernel_w][in_c]. */
static void gather_interleaved(const tn_conv_layer* layer, const int8_t* const rows[], int first_column,
                               tn_input* inputs, int pixel, int pixels) {
  const int in_c = layer->in_c;
  int k = 0;
  for (int r = 0; r < layer->kernel_h; ++r) {
    for (int j = 0; j < layer->kernel_w; ++j) {
      const int column = first_column + j;
      const int inside = rows[r] && column >= 0 && column < layer->in_w;
      for (int c = 0; c < in_c; ++c, ++k)
        *input_at(inputs, k, pixel, pixels) =
            (tn_input)(inside ? rows[r][column * in_c + c] : layer->in_zero_point);
    }
  }
}

typedef void gather_function(const tn_conv_layer*, const int8_t* const[], int, tn_input*, int, int);

static inline __attribute__((always_inline)) void conv(const tn_conv_layer* layer, const int8_t* const rows[],
                                                       int8_t* out, tn_input* inputs,
                                                       gather_function* gather) {
  const int count = layer->kernel_h * layer->kernel_w * layer->in_c, out_w = layer->out_w;
  tn_block block = {.inputs = inputs,
                    .weights = layer->weights,
                    .shifts = layer->shifts,
                    .words = tn_even(count) / 2,
                    .out_c = layer->out_c,
                    .out_w = out_w,
                    .zero_point = layer->out_zero_point};
  int pixels;
  for (int x = 0; x < out_w; x += pixels) {
    pixels = tn_min(kPixels, out_w - x);
    for (int p = 0; p < pixels; ++p)
      gather(layer, rows, (x + p) * layer->stride_w - layer->pad_left, inputs, p, pixels);
    pad_inputs(inputs, count, pixels);
    block.out = out + x;
    tn_pair_block(&block, pixels);
  }
}

void tn_conv(const tn_conv_layer* layer, const int8_t* const rows[], int8_t* out, void* scratch) {
  conv(layer, rows, out, scratch, gather_planar);
}

void tn_conv_input(const tn_conv_layer* layer, const int8_t* const rows[], int8_t* out, void* scratch) {
  conv(layer, rows, out, scratch, gather_interleaved);
}
