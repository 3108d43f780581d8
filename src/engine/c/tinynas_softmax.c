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

/* 2^16 log2(1 + i / 32). */
static const int32_t log2_parts[33] = {
    0,     2909,  5732,  8473,  11136, 13727, 16248, 18704, 21098, 23433, 25711,
    27936, 30109, 32234, 34312, 36346, 38336, 40286, 42196, 44068, 45904, 47705,
    49472, 51207, 52911, 54584, 56229, 57845, 59434, 60997, 62534, 64047, 65536,
};

/* log_step * log2(sum / 2^16): octaves, and parts of one with straight lines between them. */
static int32_t log_of_sum(uint32_t sum, int32_t log_step) {
  int octave = 31;
  while (sum >> octave == 0) --octave;
  const uint32_t from_top = sum << (31 - octave);
  const int32_t part = (int32_t)(from_top >> 26) & 31, way = (int32_t)(from_top >> 10) & 0xffff;
  const int32_t log2 =
      (octave - 16) * 65536 + log2_parts[part] + ((log2_parts[part + 1] - log2_parts[part]) * way >> 16);
  return (int32_t)((int64_t)log2 * log_step >> 16);
}

TN_SHARED void tn_log_softmax(const tn_log_softmax_layer *layer, const int8_t *in, int8_t *out,
                              void *scratch) {
  (void)scratch;
  const int step = layer->w, count = layer->c * step;
  for (int x = 0; x < step; ++x, ++in, ++out) {
    const int largest = largest_of(in, count, step);
    uint32_t sum = 0;
    for (int i = 0; i < count; i += step) sum += layer->exponentials[largest - in[i]];
    const int32_t from = 32768 - log_of_sum(sum, layer->log_step);
    for (int i = 0; i < count; i += step)
      out[i] = tn_saturate(layer->out_zero_point + ((from - (largest - in[i]) * layer->step) >> 16));
  }
}
