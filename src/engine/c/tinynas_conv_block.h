/* What tinynas_conv.c asks of a block: all output channels of a few neighbouring outputs, from gathered inputs. */
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

static inline int tn_input_at(int k, int pixel, int pixels) { return ((k >> 1) * pixels + pixel) * 2 + (k & 1); }

typedef struct {
  tn_input *inputs;
  const int32_t *weights;
  const uint8_t *shifts;
  int8_t *out; /* of the first channel; the next one out_w further */
  int words, out_c, out_w, zero_point;
} tn_block;

static inline int8_t tn_block_requantize(const tn_block *block, int channel, int32_t acc, int32_t multiplier) {
  return tn_requantize(acc, multiplier, block->shifts ? block->shifts[channel] : 0, block->zero_point);
}

#endif
