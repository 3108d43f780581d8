/* The DSP instructions of ARMv7E-M and ARMv8-M that the kernels use, by their names (Arm ARM, A7.7). */
#ifndef TINYNAS_DSP_H
#define TINYNAS_DSP_H

#include <stdint.h>
#include <string.h>

/* Sum of two products of halves: crossed with X; of chosen halves otherwise (b bottom, t top). */
#define TN_MULTIPLY_ADD(NAME)                                                               \
  static inline int32_t tn_##NAME(uint32_t a, uint32_t b, int32_t sum) {                    \
    int32_t result;                                                                         \
    __asm__(#NAME " %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(sum));             \
    return result;                                                                          \
  }
TN_MULTIPLY_ADD(smlad)
TN_MULTIPLY_ADD(smladx)
TN_MULTIPLY_ADD(smlabb)
TN_MULTIPLY_ADD(smlabt)
TN_MULTIPLY_ADD(smlatb)
TN_MULTIPLY_ADD(smlatt)
#undef TN_MULTIPLY_ADD

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
/* (bottom of a, top of b) */
static inline uint32_t tn_pkhbt(uint32_t a, uint32_t b) {
  uint32_t pair;
  __asm__("pkhbt %0, %1, %2" : "=r"(pair) : "r"(a), "r"(b));
  return pair;
}

/* The engine's requantization without a shift: SMMLAR rounds and adds the zero point, SSAT saturates. */
static inline int8_t tn_requantize_dsp(int32_t acc, int32_t multiplier, int32_t zero_point) {
  int32_t q;
  __asm__("smmlar %0, %1, %2, %3" : "=r"(q) : "r"(acc), "r"(multiplier), "r"(zero_point));
  __asm__("ssat %0, #8, %1" : "=r"(q) : "r"(q));
  return (int8_t)q;
}

/* One LDR or STR, aligned or not. */
static inline uint32_t tn_load_word(const int8_t *from) {
  uint32_t word;
  memcpy(&word, from, sizeof word);
  return word;
}
static inline void tn_store_word(void *to, uint32_t word) { memcpy(to, &word, sizeof word); }

#endif
