/* The engine's arithmetic in portable C: what every kernel, in every form, computes bit for bit. */
#ifndef TINYNAS_ARITH_H
#define TINYNAS_ARITH_H

#include <stdint.h>

#include "tinynas_kernels.h"

static inline int8_t tn_saturate(int32_t value) {
#if TN_FORM == TN_FORM_PORTABLE
  return (int8_t)(value < -128 ? -128 : value > 127 ? 127 : value);
#else
  int32_t saturated;
  __asm__("ssat %0, #8, %1" : "=r"(saturated) : "r"(value));
  return (int8_t)saturated;
#endif
}

/* One rounding, ties toward +infinity. A right shift of a negative number is arithmetic on every compiler in
 * use. */
static inline int8_t tn_requantize(int32_t acc, int32_t multiplier, int shift, int32_t zero_point) {
  const int32_t shifted = (int32_t)((uint32_t)acc << shift);
#if TN_FORM == TN_FORM_PORTABLE
  const int64_t product = (int64_t)shifted * multiplier;
  return tn_saturate((int32_t)((product + INT64_C(0x80000000)) >> 32) + zero_point);
#else /* SMMLAR multiplies, rounds and adds */
  int32_t q;
  __asm__("smmlar %0, %1, %2, %3" : "=r"(q) : "r"(shifted), "r"(multiplier), "r"(zero_point));
  return tn_saturate(q);
#endif
}

/* The same for a multiplier that was not doubled when it was packed, as VQRDMULH takes it. */
static inline int8_t tn_requantize_doubling(int32_t acc, int32_t multiplier, int shift, int32_t zero_point) {
  const int64_t product = (int64_t)((int32_t)((uint32_t)acc << shift)) * multiplier;
  return tn_saturate((int32_t)((product + INT64_C(0x40000000)) >> 31) + zero_point);
}

/* A weight word holds two halves, a half two weights: weight_a + 256 * weight_b (tinynas_kernels.h). */
static inline int32_t tn_low_half(int32_t word) { return (int16_t)word; }
static inline int32_t tn_high_half(int32_t word) { return word >> 16; }

/* Multiplying x by whole halves sums A + 256 B; with A summed apart, B follows. Exact while B fits 24 bits,
 * however often the sums wrap: sum |weight_b| < 2^16 and |x| <= 128. */
static inline int32_t tn_recover_b(uint32_t sum_halves, uint32_t sum_a) {
  return (int32_t)(sum_halves - sum_a) >> 8;
}

#endif
