/* A line of values moved to another scale: q = saturate_int8(zero_point + (((value * factor + offset) *
 * multiplier + 2^31)
 * >> 32)), every sum of 32 bits proved to fit by the packer. */
#ifndef TINYNAS_LINE_H
#define TINYNAS_LINE_H

#include "tinynas_arith.h"
#if TN_FORM != TN_FORM_PORTABLE
#include "tinynas_dsp.h"
#endif

typedef struct {
  int32_t factor, offset, multiplier, zero_point;
} tn_line_scale;

#if TN_FORM != TN_FORM_PORTABLE
/* Whole words of a line, `words` > 0 of them; the factor has 16 bits. */
static inline void tn_scale_words(const tn_line_scale *scale, const int8_t *in, int32_t words, int8_t *out) {
  int32_t a, b, c, d;
  __asm__ volatile(
      "1:\n"
      "  ldr     %[a], [%[in]], #4\n"
      "  sxtb16  %[b], %[a], ror #8\n"
      "  sxtb16  %[a], %[a]\n"
      "  smlatb  %[c], %[a], %[f], %[o]\n"
      "  smlatb  %[d], %[b], %[f], %[o]\n"
      "  smlabb  %[a], %[a], %[f], %[o]\n"
      "  smlabb  %[b], %[b], %[f], %[o]\n"
      "  smmlar  %[a], %[a], %[m], %[z]\n"
      "  smmlar  %[b], %[b], %[m], %[z]\n"
      "  smmlar  %[c], %[c], %[m], %[z]\n"
      "  smmlar  %[d], %[d], %[m], %[z]\n"
      "  ssat    %[a], #8, %[a]\n"
      "  ssat    %[b], #8, %[b]\n"
      "  ssat    %[c], #8, %[c]\n"
      "  ssat    %[d], #8, %[d]\n"
      "  strb    %[b], [%[out], #1]\n"
      "  strb    %[c], [%[out], #2]\n"
      "  strb    %[d], [%[out], #3]\n"
      "  strb    %[a], [%[out]], #4\n"
      "  cmp     %[in], %[end]\n"
      "  bne     1b\n"
      : [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d), [in] "+r"(in), [out] "+r"(out)
      : [f] "r"(scale->factor), [o] "r"(scale->offset), [m] "r"(scale->multiplier),
        [z] "r"(scale->zero_point), [end] "r"(in + 4 * words)
      : "cc", "memory");
}
#endif

static inline void tn_scale_line(const tn_line_scale *scale, const int8_t *in, int32_t count, int8_t *out) {
  int32_t i = 0;
#if TN_FORM != TN_FORM_PORTABLE
  if (count >= 4 && scale->factor == (int16_t)scale->factor) {
    tn_scale_words(scale, in, count / 4, out);
    i = count & ~3;
  }
#endif
  for (; i < count; ++i)
    out[i] = tn_requantize(in[i] * scale->factor + scale->offset, scale->multiplier, 0, scale->zero_point);
}

#endif
