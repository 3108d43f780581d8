/* Nearest neighbour, by whole factors: a row's values repeated (rows repeat by the schedule). */
#include "tinynas_kernels.h"
#if TN_FORM != TN_FORM_PORTABLE
#include "tinynas_dsp.h"

/* Values repeated twice: words of four become two words. */
static inline int32_t twice(const int8_t *in, int32_t count, int8_t *out) {
  int32_t i = 0;
  for (; i + 4 <= count; i += 4, out += 8) {
    uint32_t even = tn_even_bytes(tn_load_word(in + i)) & 0x00ff00ff,
             odd = tn_odd_bytes(tn_load_word(in + i)) & 0x00ff00ff;
    even |= even << 8;
    odd |= odd << 8;
    tn_store_word(out, tn_low_halves(even, odd));
    tn_store_word(out + 4, tn_high_halves(even, odd));
  }
  return i;
}
#endif

TN_SHARED void tn_resize_nearest(const tn_resize_nearest_layer *layer, const int8_t *in, int8_t *out,
                                 void *scratch) {
  (void)scratch;
  const int32_t count = layer->in_count;
  const int factor = layer->factor;
  int32_t i = 0;
#if TN_FORM != TN_FORM_PORTABLE
  if (factor == 2) i = twice(in, count, out);
  out += 2 * i;
#endif
  for (; i < count; ++i)
    for (int k = 0; k < factor; ++k) *out++ = in[i];
}
