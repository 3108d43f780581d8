/* The block of tinynas_conv.c in portable C. */
#ifndef TINYNAS_CONV_PORTABLE_H
#define TINYNAS_CONV_PORTABLE_H

#include "tinynas_conv_block.h"

enum { kPixels = 2 }; /* more would not leave the sums in the registers of a Cortex-M0+ */

/* How many of the `left` outputs of a row the next block makes. */
static inline int tn_block_pixels(int left) { return left < kPixels ? left : kPixels; }

/* Inlined twice below, so that `pixels` is a constant and the sums are registers. */
static inline __attribute__((always_inline)) void tn_pair_sums(const tn_block *block, int pixels) {
  const int32_t *w = block->weights;
  int8_t *out = block->out;
  for (int o = 0; o < block->out_c; o += 2, out += 2 * block->out_w) {
    uint32_t a[kPixels], halves[kPixels];
    for (int p = 0; p < pixels; ++p) a[p] = halves[p] = (uint32_t)*w;
    ++w;
    const tn_input *x = block->inputs;
    for (int i = 0; i < block->words; ++i, ++w, x += 2 * pixels) {
      const int32_t low = tn_low_half(*w), high = tn_high_half(*w);
      for (int p = 0; p < pixels; ++p) {
        const int32_t x0 = x[tn_input_at(0, p, pixels)], x1 = x[tn_input_at(1, p, pixels)];
        halves[p] += (uint32_t)(low * x0 + high * x1);
        a[p] += (uint32_t)((int8_t)low * x0 + (int8_t)high * x1);
      }
    }
    for (int p = 0; p < pixels; ++p) out[p] = tn_block_requantize(block, o, (int32_t)a[p], w[0]);
    if (o + 1 < block->out_c)
      for (int p = 0; p < pixels; ++p)
        out[block->out_w + p] = tn_block_requantize(block, o + 1, w[2] + tn_recover_b(halves[p], a[p]), w[1]);
    w += 3;
  }
}

static __attribute__((noinline)) void tn_pair_block(const tn_block *block, int pixels) {
  if (pixels == kPixels) {
    tn_pair_sums(block, kPixels);
  } else {
    tn_pair_sums(block, 1);
  }
}

/* A dense layer's channels, four at a time; what is left is for tn_pair_block. */
static void tn_pairs_of_pairs(const tn_block *block) { tn_quads_plain(block); }

/* There is no code made for a layer's sizes. */
enum { TN_UNROLLED_PIXELS = 0 };
static inline void tn_gather_unrolled(const tn_conv_layer *layer, tn_input *inputs,
                                      const int8_t *const rows[], int first) {
  (void)layer, (void)inputs, (void)rows, (void)first;
}

/* Four inputs that stand side by side, in the order of the stream: two pairs. */
static inline void tn_put_four(tn_input *first, tn_input *second, const int8_t *in) {
  first[0] = in[0];
  first[1] = in[2];
  second[0] = in[1];
  second[1] = in[3];
}

/* The inputs of a 1x1 convolution: `pixels` neighbours from column x on of each of `count` planes, `width`
 * apart. */
static inline void tn_gather_planes(tn_input *inputs, const int8_t *row, int x, int count, int width,
                                    int pixels) {
  const int8_t *in = row + x;
  for (int k = 0; k < count; ++k, in += width)
    for (int p = 0; p < pixels; ++p) inputs[tn_input_at(k, p, pixels)] = in[p];
}

#endif
