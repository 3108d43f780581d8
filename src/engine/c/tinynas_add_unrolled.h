/* Residual add by SMLAD for one shift: TN_ADD_UNROLLED(15) defines tn_add_15, two words of four outputs a
 * turn. */
#ifndef TINYNAS_ADD_UNROLLED_H
#define TINYNAS_ADD_UNROLLED_H

#include "tinynas_kernels.h"

#if TN_FORM == TN_FORM_PORTABLE
#define TN_ADD_UNROLLED(SHIFT)
#else
#define TN_ADD_UNROLLED(SHIFT)                                                      \
  void tn_add_##SHIFT(const int8_t *a, const int8_t *b, int8_t *out, int32_t words, \
                      const tn_add_layer *layer);                                   \
  __asm__(TN_ADD_WORDS("tn_add_" #SHIFT, #SHIFT));

/* r0 a, r1 b, r2 out, r3 turns left, r4 offset, r5 both multipliers: with {a, b} in one register an output is
 * one SMLAD. An odd number of words begins with the second one of a turn. Instructions of four bytes. */
/* clang-format off */
#define TN_ADD_WORD(SHIFT)                   \
  "  ldr.w   r6, [r0], #4\n"                 \
  "  ldr.w   r8, [r1], #4\n"                 \
  "  sxtb16  r7, r6, ror #8\n"               \
  "  sxtb16  r6, r6\n"                       \
  "  sxtb16  r9, r8, ror #8\n"               \
  "  sxtb16  r8, r8\n"                       \
  "  pkhbt   r10, r6, r8, lsl #16\n"         \
  "  pkhtb   r11, r8, r6, asr #16\n"         \
  "  pkhbt   r12, r7, r9, lsl #16\n"         \
  "  pkhtb   r7, r9, r7, asr #16\n"          \
  "  smlad   r10, r10, r5, r4\n"             \
  "  smlad   r11, r11, r5, r4\n"             \
  "  smlad   r12, r12, r5, r4\n"             \
  "  smlad   r7, r7, r5, r4\n"               \
  "  ssat    r10, #8, r10, asr #" SHIFT "\n" \
  "  ssat    r11, #8, r11, asr #" SHIFT "\n" \
  "  ssat    r12, #8, r12, asr #" SHIFT "\n" \
  "  ssat    r7, #8, r7, asr #" SHIFT "\n"   \
  "  strb.w  r12, [r2, #1]\n"                \
  "  strb.w  r11, [r2, #2]\n"                \
  "  strb.w  r7, [r2, #3]\n"                 \
  "  strb    r10, [r2], #4\n"

#define TN_ADD_WORDS(NAME, SHIFT) \
  TN_ASM_BEGIN(NAME)              \
  "  push.w  {r4-r11, lr}\n"      \
  "  ldr.w   r5, [sp, #36]\n"     \
  "  ldrd    r4, r5, [r5]\n"      \
  "  add.w   r3, r3, #1\n"        \
  "  lsrs.w  r3, r3, #1\n"        \
  "  bcc.w   2f\n"                \
  "1:\n"                          \
  TN_ADD_WORD(SHIFT)              \
  "2:\n"                          \
  TN_ADD_WORD(SHIFT)              \
  "  subs.w  r3, r3, #1\n"        \
  "  bne.w   1b\n"                \
  "  pop.w   {r4-r11, pc}\n"      \
  TN_ASM_END(NAME)
/* clang-format on */
#endif

#endif
