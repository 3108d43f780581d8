/* Sums of planes by USADA8, unrolled for one width: TN_POOL_UNROLLED(6) defines tn_pool_6. Four planes at a
 * time, so that they are whole words; a word that two planes share is taken apart. Widths from 4 on. */
#ifndef TINYNAS_POOL_UNROLLED_H
#define TINYNAS_POOL_UNROLLED_H

#include "tinynas_kernels.h"

#if TN_FORM == TN_FORM_PORTABLE
#define TN_POOL_UNROLLED(WIDTH)
#else
#define TN_POOL_UNROLLED(WIDTH)                                                    \
  void tn_pool_##WIDTH(const int8_t *row, int32_t *sums, const int32_t *sums_end); \
  __asm__(TN_POOL_PLANES("tn_pool_" #WIDTH, #WIDTH));

/* r0 row, r1 sums, r2 their end; sums of four planes in r3-r6, words in r7-r10, r12 zero: USADA8 then adds
 * the four bytes of a word, which are unsigned once their signs are flipped. tn_at: the word's first byte.
 * Instructions of four bytes. (What stands behind two backslashes is a parameter of an assembler's macro.) */
/* clang-format off */
/* `bytes` of the word from byte `from` on, to the sum of plane tn_plane. */
__asm__(
    ".macro tn_sum_bytes word, from, bytes\n"
    "  .if \\bytes == 4\n"
    "    .set tn_part, \\word\n"
    "  .else\n"
    "    .set tn_part, 11\n"
    "    .if \\from == 0\n"
    "      lsl.w   r11, r\\word, #32 - 8 * (\\bytes)\n"
    "    .else\n"
    "      lsr.w   r11, r\\word, #8 * (\\from)\n"
    "    .endif\n"
    "  .endif\n"
    "  .irp sum, 3, 4, 5, 6\n"
    "    .if tn_plane + 3 == \\sum\n"
    "      .if tn_part == 11\n"
    "        usada8  r\\sum, r11, r12, r\\sum\n"
    "      .else\n"
    "        usada8  r\\sum, r\\word, r12, r\\sum\n"
    "      .endif\n"
    "    .endif\n"
    "  .endr\n"
    ".endm\n"

    ".macro tn_sum_word word, width\n"
    "  eor.w   r\\word, r\\word, #0x80808080\n"
    "  .set tn_plane, tn_at / \\width\n"
    "  .set tn_split, (tn_plane + 1) * \\width - tn_at\n"
    "  .if tn_split >= 4\n"
    "    tn_sum_bytes \\word, 0, 4\n"
    "  .else\n"
    "    tn_sum_bytes \\word, 0, tn_split\n"
    "    .set tn_plane, tn_plane + 1\n"
    "    tn_sum_bytes \\word, tn_split, 4 - tn_split\n"
    "  .endif\n"
    "  .set tn_at, tn_at + 4\n"
    ".endm\n");

#define TN_POOL_PLANES(NAME, WIDTH) \
  TN_ASM_BEGIN(NAME)                \
  "  push.w  {r4-r11, lr}\n"        \
  "  mov.w   r12, #0\n"             \
  "1:\n"                            \
  "  ldm.w   r1, {r3-r6}\n"         \
  ".set tn_at, 0\n"                 \
  ".rept " WIDTH " / 4\n"           \
  "  ldm.w   r0!, {r7-r10}\n"       \
  "  tn_sum_word 7, " WIDTH "\n"    \
  "  tn_sum_word 8, " WIDTH "\n"    \
  "  tn_sum_word 9, " WIDTH "\n"    \
  "  tn_sum_word 10, " WIDTH "\n"   \
  ".endr\n"                         \
  ".if (" WIDTH " & 3) == 1\n"      \
  "  ldr.w   r7, [r0], #4\n"        \
  "  tn_sum_word 7, " WIDTH "\n"    \
  ".elseif (" WIDTH " & 3) == 2\n"  \
  "  ldm.w   r0!, {r7, r8}\n"       \
  "  tn_sum_word 7, " WIDTH "\n"    \
  "  tn_sum_word 8, " WIDTH "\n"    \
  ".elseif (" WIDTH " & 3) == 3\n"  \
  "  ldm.w   r0!, {r7-r9}\n"        \
  "  tn_sum_word 7, " WIDTH "\n"    \
  "  tn_sum_word 8, " WIDTH "\n"    \
  "  tn_sum_word 9, " WIDTH "\n"    \
  ".endif\n"                        \
  "  stm.w   r1!, {r3-r6}\n"        \
  "  cmp.w   r1, r2\n"              \
  "  bne.w   1b\n"                  \
  "  pop.w   {r4-r11, pc}\n"        \
  TN_ASM_END(NAME)
/* clang-format on */
#endif

#endif
