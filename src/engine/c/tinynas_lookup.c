/* A function of every value by itself, from a table of its 256 results. */
#include "tinynas_kernels.h"

#if TN_FORM == TN_FORM_MVE
#include <arm_mve.h>

/* The first outputs, sixteen at a time; returns how many. */
static inline int32_t whole_words(const int8_t *table, const int8_t *in, int32_t n, int8_t *out) {
  int32_t i = 0;
  for (; i + 16 <= n; i += 16)
    vst1q_s8(out + i, vldrbq_gather_offset_s8(table, vreinterpretq_u8_s8(vld1q_s8(in + i))));
  return i;
}
#elif TN_FORM == TN_FORM_DSP
#include "tinynas_dsp.h"

/* The first outputs, four at a time; returns how many. */
static inline int32_t whole_words(const int8_t *table, const int8_t *in, int32_t n, int8_t *out) {
  const uint8_t *const results = (const uint8_t *)table;
  int32_t i = 0;
  for (; i + 4 <= n; i += 4) {
    const uint32_t word = tn_load_word(in + i);
    const uint32_t low = results[word & 0xff] | (uint32_t)results[word >> 8 & 0xff] << 8;
    const uint32_t high = results[word >> 16 & 0xff] | (uint32_t)results[word >> 24] << 8;
    tn_store_word(out + i, low | high << 16);
  }
  return i;
}
#else
static inline int32_t whole_words(const int8_t *table, const int8_t *in, int32_t n, int8_t *out) {
  (void)table, (void)in, (void)n, (void)out;
  return 0;
}
#endif

TN_SHARED void tn_lookup(const tn_lookup_layer *layer, const int8_t *in, int8_t *out, void *scratch) {
  (void)scratch;
  const int8_t *const table = layer->table;
  const int32_t n = layer->n;
  for (int32_t i = whole_words(table, in, n, out); i < n; ++i) out[i] = table[(uint8_t)in[i]];
}
