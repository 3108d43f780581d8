/* Residual add of two rows. */
#include "tinynas_arith.h"
#include "tinynas_kernels.h"
#if TN_FORM != TN_FORM_PORTABLE
#include "tinynas_dsp.h"

/* One output: bottom (b) or top (t) halves of a and b, times the multipliers (a's at the bottom of m). */
#define ADD(HALF, A, B) tn_saturate_dsp(tn_smla##HALF##b(A, m, tn_smla##HALF##t(B, m, offset)) >> shift)

/* Words of four outputs; returns how many outputs were made. */
static int32_t add_words(const tn_add_layer *layer, const int8_t *a, const int8_t *b, int8_t *out) {
  const uint32_t m = (uint16_t)layer->multiplier_a | (uint32_t)(uint16_t)layer->multiplier_b << 16;
  const int32_t offset = layer->offset, shift = layer->shift, count = layer->n & ~3;
  int32_t i = 0;
  for (; i < count; i += 4) {
    const uint32_t word_a = tn_load_word(a + i), word_b = tn_load_word(b + i);
    const uint32_t even_a = tn_even_bytes(word_a), odd_a = tn_odd_bytes(word_a);
    const uint32_t even_b = tn_even_bytes(word_b), odd_b = tn_odd_bytes(word_b);
    out[i] = ADD(b, even_a, even_b);
    out[i + 1] = ADD(b, odd_a, odd_b);
    out[i + 2] = ADD(t, even_a, even_b);
    out[i + 3] = ADD(t, odd_a, odd_b);
  }
  return i;
}
#else
static int32_t add_words(const tn_add_layer *layer, const int8_t *a, const int8_t *b, int8_t *out) {
  (void)layer, (void)a, (void)b, (void)out;
  return 0;
}
#endif

void tn_add(const tn_add_layer *layer, const int8_t *a, const int8_t *b, int8_t *out) {
  const int32_t ma = layer->multiplier_a, mb = layer->multiplier_b, offset = layer->offset, shift = layer->shift;
  for (int32_t i = add_words(layer, a, b, out); i < layer->n; ++i)
    out[i] = tn_saturate((a[i] * ma + b[i] * mb + offset) >> shift);
}
