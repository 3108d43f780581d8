/* Products: of two rows, or of every plane of a row with a factor of its own (squeeze and excite). */
#include "tinynas_kernels.h"
#include "tinynas_line.h"

#if TN_FORM != TN_FORM_PORTABLE
/* Four products by SMULBB and SMULTT; zero points negated, in both halves. */
static inline void four_products(const tn_mul_layer *layer, uint32_t minus_a, uint32_t minus_b,
                                 const int8_t *a, const int8_t *b, int8_t *out) {
  const uint32_t word_a = tn_load_word(a), word_b = tn_load_word(b);
  const int32_t even_a = (int32_t)tn_add_even_bytes(minus_a, word_a),
                odd_a = (int32_t)tn_add_odd_bytes(minus_a, word_a);
  const int32_t even_b = (int32_t)tn_add_even_bytes(minus_b, word_b),
                odd_b = (int32_t)tn_add_odd_bytes(minus_b, word_b);
  const int32_t multiplier = layer->multiplier, zero_point = layer->out_zero_point;
  const int shift = layer->shift;
  out[0] = tn_requantize((int16_t)even_a * (int16_t)even_b, multiplier, shift, zero_point);
  out[1] = tn_requantize((int16_t)odd_a * (int16_t)odd_b, multiplier, shift, zero_point);
  out[2] = tn_requantize((even_a >> 16) * (even_b >> 16), multiplier, shift, zero_point);
  out[3] = tn_requantize((odd_a >> 16) * (odd_b >> 16), multiplier, shift, zero_point);
}
#endif

TN_SHARED void tn_mul(const tn_mul_layer *layer, const int8_t *a, const int8_t *b, int8_t *out) {
  const tn_mul_layer l = *layer; /* out might be it, for all that a compiler knows */
  const int count = l.c * l.w;
  int i = 0;
#if TN_FORM != TN_FORM_PORTABLE
  const uint32_t minus_a = tn_pair(-l.a_zero_point), minus_b = tn_pair(-l.b_zero_point);
  for (; i + 4 <= count; i += 4) four_products(&l, minus_a, minus_b, a + i, b + i, out + i);
#endif
  for (; i < count; ++i)
    out[i] = tn_requantize((a[i] - l.a_zero_point) * (b[i] - l.b_zero_point), l.multiplier, l.shift,
                           l.out_zero_point);
}

TN_SHARED void tn_mul_channels(const tn_mul_layer *layer, const int8_t *a, const int8_t *factors,
                               int8_t *out) {
  const int w = layer->w;
  for (int c = 0; c < layer->c; ++c, a += w, out += w) {
    const int32_t factor = (factors[c] - layer->b_zero_point) * (int32_t)(UINT32_C(1) << layer->shift);
    const tn_line_scale scale = {factor, -layer->a_zero_point * factor, layer->multiplier,
                                 layer->out_zero_point};
    tn_scale_line(&scale, a, w, out);
  }
}
