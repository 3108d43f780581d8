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

/* tn_requantize of tinynas_arith.h for four sums and a shift of 0: SMMLAR multiplies, rounds and adds the zero point.
 * `end` is that of the sums; their count is a multiple of four and not 0. */
static inline void tn_requantize_fours(const int32_t *sums, const int32_t *end, int32_t multiplier, int32_t zero_point,
                                       int8_t *out) {
  __asm__ volatile(
      "1: ldmia.w %[sums]!, {r4, r5, r6, r8}\n"
      "smmlar r4, r4, %[m], %[z]\n smmlar r5, r5, %[m], %[z]\n smmlar r6, r6, %[m], %[z]\n smmlar r8, r8, %[m], %[z]\n"
      "ssat r4, #8, r4\n ssat r5, #8, r5\n ssat r6, #8, r6\n ssat r8, #8, r8\n"
      "strb.w r5, [%[out], #1]\n strb.w r6, [%[out], #2]\n strb.w r8, [%[out], #3]\n strb r4, [%[out]], #4\n"
      "cmp %[sums], %[end]\n bne 1b\n"
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
