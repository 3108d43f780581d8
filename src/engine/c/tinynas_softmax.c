/* Softmax over the channels of every pixel: exponentials from a table, a division for outputs that are not
 * 0. */
#include "tinynas_arith.h"
#include "tinynas_kernels.h"
#if TN_FORM != TN_FORM_PORTABLE
#include "tinynas_dsp.h"
#endif

static inline int8_t largest_of(const int8_t *in, int count, int step) {
  int8_t largest = INT8_MIN;
  int i = 0;
#if TN_FORM != TN_FORM_PORTABLE
  if (step == 1 && count >= 4) { /* channels side by side: four at a time */
    uint32_t four = tn_load_word(in);
    for (i = 4; i + 4 <= count; i += 4) four = tn_larger_bytes(four, tn_load_word(in + i));
    four = tn_larger_bytes(four, four >> 16 | four << 16);
    largest = (int8_t)tn_larger_bytes(four, four >> 8 | four << 24);
  }
#endif
  for (; i < count; i += step)
    if (in[i] > largest) largest = in[i];
  return largest;
}

/* The channels of a pixel are `w` apart. exponentials[d] <= 2^16 belongs to the value d below the largest, so
 * that 512 * exponential + sum fits 32 bits below 2^15 channels. */
static void softmax_pixel(const tn_softmax_layer *layer, const int8_t *in, int8_t *out) {
  const int count = layer->c * layer->w, step = layer->w, largest = largest_of(in, count, step);
  const uint32_t *const exponentials = layer->exponentials;
  uint32_t sum = 0;
  for (int i = 0; i < count; i += step) sum += exponentials[largest - in[i]];
  for (int i = 0; i < count; i += step) {
    const uint32_t part = 512 * exponentials[largest - in[i]];
    const uint32_t share =
        part < sum ? 0 : (part + sum) / (2 * sum); /* 256ths, rounded; most are 0: no division */
    out[i] = tn_saturate((int32_t)share - 128);
  }
}

TN_SHARED void tn_softmax(const tn_softmax_layer *layer, const int8_t *in, int8_t *out, void *scratch) {
  (void)scratch;
  for (int x = 0; x < layer->w; ++x) softmax_pixel(layer, in + x, out + x);
}
