/* Gathering the window of a first layer for SMLAD, unrolled: TN_GATHER_UNROLLED(3, 9) defines tn_gather_3_9,
 * for a kernel of 3 rows with 9 bytes each (columns times channels). It fills one of the three outputs of a
 * block (tinynas_conv_dsp.h): pairs of int16 that stand 12 bytes apart, whole words of all kernel rows first,
 * then what is left of each. */
#ifndef TINYNAS_GATHER_UNROLLED_H
#define TINYNAS_GATHER_UNROLLED_H

#include "tinynas_kernels.h"

#if TN_FORM == TN_FORM_PORTABLE
#define TN_GATHER_UNROLLED(KERNEL_H, BYTES)
#else
#define TN_GATHER_UNROLLED(KERNEL_H, BYTES)                                                        \
  void tn_gather_##KERNEL_H##_##BYTES(int16_t *inputs, const int8_t *const rows[], int32_t first); \
  __asm__(TN_GATHER_ROWS("tn_gather_" #KERNEL_H "_" #BYTES, #KERNEL_H, #BYTES));

/* r0 inputs, r1 rows, r2 first byte of the window, r3 a row; tn_pair and tn_single: where the next pairs and
 * the next single input go. The second half of a pair stands beside the first, the next pair 12 bytes
 * further. Instructions of four bytes (src/cost/kernels/conv.cpp counts them). */
/* clang-format off */
#define TN_GATHER_ROWS(NAME, KERNEL_H, BYTES)             \
  TN_ASM_BEGIN(NAME)                                      \
  "  push.w  {r4, lr}\n"                                  \
  ".set tn_pair, 0\n"                                     \
  ".set tn_single, " KERNEL_H " * (" BYTES " / 4) * 24\n" \
  ".set tn_row, 0\n"                                      \
  ".rept " KERNEL_H "\n"                                  \
  "  ldr.w   r3, [r1, #tn_row]\n"                         \
  "  add.w   r3, r3, r2\n"                                \
  "  .set tn_at, 0\n"                                     \
  "  .rept " BYTES " / 4\n"                               \
  "    ldr.w   r12, [r3, #tn_at]\n"                       \
  "    sxtb16  r4, r12, ror #8\n"                         \
  "    sxtb16  r12, r12\n"                                \
  "    str.w   r12, [r0, #tn_pair]\n"                     \
  "    str.w   r4, [r0, #tn_pair + 12]\n"                 \
  "    .set tn_pair, tn_pair + 24\n"                      \
  "    .set tn_at, tn_at + 4\n"                           \
  "  .endr\n"                                             \
  "  .rept " BYTES " & 3\n"                               \
  "    ldrsb.w r12, [r3, #tn_at]\n"                       \
  "    strh.w  r12, [r0, #tn_single]\n"                   \
  "    .set tn_at, tn_at + 1\n"                           \
  "    .if tn_single & 2\n"                               \
  "      .set tn_single, tn_single + 10\n"                \
  "    .else\n"                                           \
  "      .set tn_single, tn_single + 2\n"                 \
  "    .endif\n"                                          \
  "  .endr\n"                                             \
  "  .set tn_row, tn_row + 4\n"                           \
  ".endr\n"                                               \
  "  pop.w   {r4, pc}\n"                                  \
  TN_ASM_END(NAME)
/* clang-format on */
#endif

#endif
