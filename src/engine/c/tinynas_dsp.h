/* The DSP instructions of ARMv7E-M and ARMv8-M that the kernels' C uses (Arm ARM, A7.7). */
#ifndef TINYNAS_DSP_H
#define TINYNAS_DSP_H

#include <stdint.h>
#include <string.h>

/* The even and odd bytes of a word as pairs of int16: (byte 0, byte 2) and (byte 1, byte 3). */
static inline uint32_t tn_even_bytes(uint32_t word) {
  uint32_t pair;
  __asm__("sxtb16 %0, %1" : "=r"(pair) : "r"(word));
  return pair;
}
static inline uint32_t tn_odd_bytes(uint32_t word) {
  uint32_t pair;
  __asm__("sxtb16 %0, %1, ror #8" : "=r"(pair) : "r"(word));
  return pair;
}

/* The same, each added to a half of `pair`. */
static inline uint32_t tn_add_even_bytes(uint32_t pair, uint32_t word) {
  uint32_t sums;
  __asm__("sxtab16 %0, %1, %2" : "=r"(sums) : "r"(pair), "r"(word));
  return sums;
}
static inline uint32_t tn_add_odd_bytes(uint32_t pair, uint32_t word) {
  uint32_t sums;
  __asm__("sxtab16 %0, %1, %2, ror #8" : "=r"(sums) : "r"(pair), "r"(word));
  return sums;
}
/* The larger of each two bytes. */
static inline uint32_t tn_larger_bytes(uint32_t a, uint32_t b) {
  uint32_t larger;
  __asm__(
      "  ssub8   %0, %1, %2\n"
      "  sel     %0, %1, %2"
      : "=&r"(larger)
      : "r"(a), "r"(b)
      : "cc");
  return larger;
}
/* (low half of a, low half of b), (high half of a, high half of b). */
static inline uint32_t tn_low_halves(uint32_t a, uint32_t b) {
  uint32_t pair;
  __asm__("pkhbt %0, %1, %2, lsl #16" : "=r"(pair) : "r"(a), "r"(b));
  return pair;
}
static inline uint32_t tn_high_halves(uint32_t a, uint32_t b) {
  uint32_t pair;
  __asm__("pkhtb %0, %1, %2, asr #16" : "=r"(pair) : "r"(b), "r"(a));
  return pair;
}
/* A value of 16 bits in both halves. */
static inline uint32_t tn_pair(int32_t value) { return tn_low_halves((uint32_t)value, (uint32_t)value); }

/* tn_requantize of tinynas_arith.h for four sums and a shift of 0: SMMLAR multiplies, rounds and adds the
 * zero point. `end` is that of the sums; their count is a multiple of four and not 0. */
static inline void tn_requantize_fours(const int32_t *sums, const int32_t *end, int32_t multiplier,
                                       int32_t zero_point, int8_t *out) {
  __asm__ volatile(
      "1:\n"
      "  ldmia.w %[sums]!, {r4, r5, r6, r8}\n"
      "  smmlar  r4, r4, %[m], %[z]\n"
      "  smmlar  r5, r5, %[m], %[z]\n"
      "  smmlar  r6, r6, %[m], %[z]\n"
      "  smmlar  r8, r8, %[m], %[z]\n"
      "  ssat    r4, #8, r4\n"
      "  ssat    r5, #8, r5\n"
      "  ssat    r6, #8, r6\n"
      "  ssat    r8, #8, r8\n"
      "  strb.w  r5, [%[out], #1]\n"
      "  strb.w  r6, [%[out], #2]\n"
      "  strb.w  r8, [%[out], #3]\n"
      "  strb    r4, [%[out]], #4\n"
      "  cmp     %[sums], %[end]\n"
      "  bne     1b\n"
      : [sums] "+r"(sums), [out] "+r"(out)
      : [end] "r"(end), [m] "r"(multiplier), [z] "r"(zero_point)
      : "r4", "r5", "r6", "r8", "cc", "memory");
}

/* One LDR or STR, aligned or not. */
static inline uint32_t tn_load_word(const int8_t *from) {
  uint32_t word;
  memcpy(&word, from, sizeof word);
  return word;
}
static inline void tn_store_word(void *to, uint32_t word) { memcpy(to, &word, sizeof word); }

#endif
