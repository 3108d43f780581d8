/* The DSP instructions of ARMv7E-M and ARMv8-M that the kernels use, by their names (Arm ARM, A7.7). */
#ifndef TINYNAS_DSP_H
#define TINYNAS_DSP_H

#include <stdint.h>
#include <string.h>

/* A product of halves added to a sum; b bottom, t top. */
#define TN_MULTIPLY_ADD(NAME)                                                               \
  static inline int32_t tn_##NAME(uint32_t a, uint32_t b, int32_t sum) {                    \
    int32_t result;                                                                         \
    __asm__(#NAME " %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(sum));             \
    return result;                                                                          \
  }
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
static inline int8_t tn_saturate_dsp(int32_t value) {
  int32_t q;
  __asm__("ssat %0, #8, %1" : "=r"(q) : "r"(value));
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
