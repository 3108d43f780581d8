/* What tinynas_conv.c asks of a block: all output channels of a few neighbouring outputs, from gathered
 * inputs. */
#ifndef TINYNAS_CONV_BLOCK_H
#define TINYNAS_CONV_BLOCK_H

#include "tinynas_arith.h"
#include "tinynas_kernels.h"

/* Gathered inputs, by pairs as a weight word holds them: [words][pixels][2]; int16 where SMLAD reads them. */
#if TN_FORM == TN_FORM_PORTABLE
typedef int8_t tn_input;
#else
typedef int16_t tn_input;
#endif

static inline int tn_input_at(int k, int pixel, int pixels) {
  return ((k >> 1) * pixels + pixel) * 2 + (k & 1);
}

typedef struct {
  tn_input *inputs;
  const int32_t *weights;
  const uint8_t *shifts;
  int8_t *out; /* of the first channel; the next one out_w further */
  int words, out_c, out_w, zero_point;
} tn_block;

static inline int8_t tn_block_requantize(const tn_block *block, int channel, int32_t acc,
                                         int32_t multiplier) {
  return tn_requantize(acc, multiplier, block->shifts ? block->shifts[channel] : 0, block->zero_point);
}

/* Dense channels, four at a time, in portable C: inputs [words][2], the streams of two pairs interleaved. */
static inline void tn_quads_plain(const tn_block *block) {
  const int words = block->words;
  const int32_t *quad = block->weights;
  for (int o = 0; o < (block->out_c & ~3); o += 2) {
    const int pair = o / 2 % 2; /* of the quad */
    const int32_t *const multipliers = quad + 2 + 2 * words + 2 * pair;
    const int32_t bias_b = quad[2 + 2 * words + 4 + pair];
    uint32_t a = (uint32_t)quad[pair], halves = a;
    for (int i = 0; i < words; ++i) {
      const int32_t word = quad[2 + 2 * i + pair], low = tn_low_half(word), high = tn_high_half(word);
      const int32_t x0 = block->inputs[2 * i], x1 = block->inputs[2 * i + 1];
      halves += (uint32_t)(low * x0 + high * x1);
      a += (uint32_t)((int8_t)low * x0 + (int8_t)high * x1);
    }
    block->out[o] = tn_block_requantize(block, o, (int32_t)a, multipliers[0]);
    block->out[o + 1] = tn_block_requantize(block, o + 1, bias_b + tn_recover_b(halves, a), multipliers[1]);
    if (pair == 1) quad += 2 * (words + 4);
  }
}

#endif
