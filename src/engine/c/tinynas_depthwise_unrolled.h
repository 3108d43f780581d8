/* Depthwise rows by SMLAD, unrolled for one width: 3x3, 5x5 and 7x7 on ARMv7E-M and ARMv8-M with the DSP
 * extension.
 *
 *   TN_DEPTHWISE_UNROLLED(3, 1, 24, 1, 24)    kernel, stride, in_w, padding on the left, out_w
 *
 * defines tn_depthwise_3_1_24_1_24, which makes one row of all channels; TN_UNROLLED names it in a layer's
 * struct. As the widths are constants, nothing is done for padding: taps outside the row have no code.
 *
 * A word of four inputs becomes the pairs (0, 2) and (1, 3); SMLAD multiplies a pair by the weights
 * (t, t + 2). It is assembly because a compiler runs out of registers here, in strings so that model.c can
 * make it for a layer's sizes by one macro. Every instruction has four bytes: the size of the code is known
 * beforehand (tinynas/cost/kernels.h). */
#ifndef TINYNAS_DEPTHWISE_UNROLLED_H
#define TINYNAS_DEPTHWISE_UNROLLED_H

#include "tinynas_kernels.h"

/* One row of channels [stream, end). The order of the fields is known to the assembly. */
struct tn_depthwise_task {
  int8_t *out;
  const int32_t *stream, *end;
  int32_t weights_from;   /* 5x5, 7x7: bytes from a channel's weights to those that rows[0] would meet */
  int32_t missing;        /* 5x5, 7x7: how many of rows[] are absent, from the first on;
                           3x3: 1 if rows[0] is the same for all channels (zero points), + 2 if rows[2] is */
  uint32_t minus_in_zero; /* the input's zero point, negated, in both halves */
  int32_t out_zero_point;
  const int8_t *rows[7];
};

#if TN_FORM == TN_FORM_PORTABLE
#define TN_DEPTHWISE_UNROLLED(KERNEL, STRIDE, IN_W, PAD_LEFT, OUT_W)
#else
#define TN_DEPTHWISE_UNROLLED(KERNEL, STRIDE, IN_W, PAD_LEFT, OUT_W)                                         \
  void tn_depthwise_##KERNEL##_##STRIDE##_##IN_W##_##PAD_LEFT##_##OUT_W(                                     \
      const struct tn_depthwise_task *task);                                                                 \
  __asm__(TN_DEPTHWISE_ROWS("tn_depthwise_" #KERNEL "_" #STRIDE "_" #IN_W "_" #PAD_LEFT "_" #OUT_W, #KERNEL, \
                            #STRIDE, #IN_W, #PAD_LEFT, #OUT_W));

/* Here the assembler decides what code a width needs, in macros of its own: what stands behind two
 * backslashes is a parameter of such a macro.
 *
 * Symbols. The layer: tn_kernel, tn_stride, tn_in_w, tn_pad, tn_out_w; tn_pairs, bit t: there is a pair of
 * weights (t, t + 2). A group: outputs from tn_first on, in r0, r1 ...; a unit: the tn_count ones of them
 * from number tn_from on that are made from words at columns tn_low, tn_low + 4 ... tn_high. A word: its
 * number tn_index, its column tn_base, which differs from the one above where the row would end in it.
 *
 * Registers: sums from r0 on; inputs in r12 (even pair) and lr (odd pair). */
/* clang-format off */
#define TN_DEPTHWISE_ROWS(NAME, KERNEL, STRIDE, IN_W, PAD_LEFT, OUT_W)     \
  TN_ASM_BEGIN(NAME)                                                       \
  "  tn_layer " KERNEL ", " STRIDE ", " IN_W ", " PAD_LEFT ", " OUT_W "\n" \
  "  push.w  {r4-r11, lr}\n"                                               \
  ".if tn_kernel == 3\n"                                                   \
  "  tn_depthwise_3\n"                                                     \
  ".else\n"                                                                \
  "  tn_depthwise_5\n"                                                     \
  ".endif\n"                                                               \
  "  pop.w   {r4-r11, pc}\n"                                               \
  TN_ASM_END(NAME)

__asm__(
    ".macro tn_layer kernel, stride, in_w, pad, out_w\n"
    "  .set tn_kernel, \\kernel\n"
    "  .set tn_stride, \\stride\n"
    "  .set tn_in_w, \\in_w\n"
    "  .set tn_pad, \\pad\n"
    "  .set tn_out_w, \\out_w\n"
    "  .set tn_shift, 0\n"
    "  .if tn_kernel == 3\n"
    "    .set tn_pairs, 0b1\n"
    "  .elseif tn_kernel == 5\n"
    "    .set tn_pairs, 0b111\n"
    "  .else\n"
    "    .set tn_pairs, 0b11011\n"
    "  .endif\n"
    ".endm\n"

    ".macro tn_unit from, count\n"
    "  .set tn_from, \\from\n"
    "  .set tn_count, \\count\n"
    "  .set tn_low, (tn_first + tn_from) * tn_stride - tn_pad\n"
    "  .if tn_low < 0\n"
    "    .set tn_low, 0\n"
    "  .endif\n"
    "  .set tn_high, (tn_first + tn_from + tn_count - 1) * tn_stride - tn_pad + tn_kernel - 1\n"
    "  .if tn_high >= tn_in_w\n"
    "    .set tn_high, tn_in_w - 1\n"
    "  .endif\n"
    ".endm\n"

    ".macro tn_word index\n"
    "  .set tn_index, \\index\n"
    "  .set tn_base, tn_low + 4 * tn_index\n"
    "  .if tn_base < tn_high\n"
    "    .if tn_base > tn_in_w - 4\n"
    "      .set tn_base, tn_in_w - 4\n"
    "    .endif\n"
    "    .if tn_base < 0\n"
    "      .set tn_base, 0\n"
    "    .endif\n"
    "  .endif\n"
    ".endm\n"

    /* The inputs of a word, less the zero point but for 3x3. `back` is ! to move the row's register there. */
    ".macro tn_load row, back\n"
    "  .set tn_at, tn_base + tn_shift\n"
    "  .if tn_low + 4 * tn_index == tn_high\n"
    "    ldrsb.w r12, [\\row, #tn_at]\\back\n"
    "    .if tn_kernel > 3\n"
    "      add.w   r12, r12, r10\n"
    "    .endif\n"
    "  .else\n"
    "    .if tn_in_w >= 4\n"
    "      ldr.w   r12, [\\row, #tn_at]\\back\n"
    "    .else\n"
    "      ldrh.w  r12, [\\row, #tn_at]\n"
    "      .if tn_in_w == 3\n"
    "        ldrb.w  lr, [\\row, #tn_at + 2]\n"
    "        orr.w   r12, r12, lr, lsl #16\n"
    "      .endif\n"
    "    .endif\n"
    "    .if tn_kernel == 3\n"
    "      sxtb16  lr, r12, ror #8\n"
    "      sxtb16  r12, r12\n"
    "    .else\n"
    "      sxtab16 lr, r10, r12, ror #8\n"
    "      sxtab16 r12, r10, r12\n"
    "    .endif\n"
    "  .endif\n"
    ".endm\n");

/* A product to sum j; the first one of a sum that has not begun adds the bias, which is in sum tn_bias_in. */
__asm__(
    ".macro tn_add op, j, x, weights\n"
    "  .if tn_fresh\\j == 0\n"
    "    \\op     r\\j, \\x, \\weights, r\\j\n"
    "  .elseif tn_bias_in == 1\n"
    "    \\op     r\\j, \\x, \\weights, r1\n"
    "  .elseif tn_bias_in == 2\n"
    "    \\op     r\\j, \\x, \\weights, r2\n"
    "  .else\n"
    "    \\op     r\\j, \\x, \\weights, r3\n"
    "  .endif\n"
    "  .set tn_fresh\\j, 0\n"
    ".endm\n"

    /* Tap t of output j, if its input is in half `half` (0 even, 1 odd) of the word: together with tap t + 2
     * if that is in the same pair and there is such a pair of weights, alone if tap t - 2 has not taken it
     * along. */
    ".macro tn_tap j, half, x, t, pair, pair_weights, weights, side\n"
    "  .set tn_column, (tn_first + \\j) * tn_stride - tn_pad + \\t\n"
    "  .set tn_at, tn_column - tn_base\n"
    "  .set tn_here, (\\t < tn_kernel) && (tn_column >= tn_low) && (tn_column <= tn_high)\n"
    "  .if tn_here && ((tn_column - tn_low) / 4 == tn_index) && ((tn_at & 1) == \\half)\n"
    "    .set tn_with_next, (tn_column + 2 <= tn_high) && ((tn_column + 2 - tn_low) / 4 == tn_index)\n"
    "    .set tn_alone, (\\t < 2) || (tn_column - 2 < tn_low) || ((tn_column - 2 - tn_low) / 4 != tn_index)\n"
    "    .if (tn_at < 2) && tn_with_next && (\\t + 2 < tn_kernel) && (((tn_pairs >> \\t) & 1) == 1)\n"
    "      tn_add \\pair, \\j, \\x, \\pair_weights\n"
    "    .elseif tn_at < 2\n"
    "      tn_add smlab\\side, \\j, \\x, \\weights\n"
    "    .elseif tn_alone || (((4 * tn_pairs >> \\t) & 1) == 0)\n"
    "      tn_add smlat\\side, \\j, \\x, \\weights\n"
    "    .endif\n"
    "  .endif\n"
    ".endm\n");

/* 3x3: the weights of a channel stay in registers, r4-r6 pairs (w0, w2) of the kernel's rows, r7 (w1 of row
 * 0, of row 1), r8 w1 of row 2; rows in r9-r11, four outputs at a time. Outputs at the borders have biases of
 * their own. A row's register is moved by the load of its last word, to where the next channel finds its
 * columns at tn_shift.
 * Biases are in the stream of wide rows; for narrow ones, of which networks have more channels, they are
 * found from the sums of the first and the last weights.
 * Frame: 0 bias, 4 left bias, 8 right bias, 12 multiplier, 16 zero point, 20 out - 1, 24 stream, 28 its end,
 * 32 where the next channel begins, 36 the input's zero point (narrow rows). */
__asm__(
    ".macro tn_taps_3 half, x, pair_weights, weights, side\n"
    "  .irp j, 0, 1, 2, 3\n"
    "    .if (\\j >= tn_from) && (\\j < tn_from + tn_count)\n"
    "      tn_tap \\j, \\half, \\x, 0, smlad, \\pair_weights, \\pair_weights, b\n"
    "      tn_tap \\j, \\half, \\x, 1, none, none, \\weights, \\side\n"
    "      tn_tap \\j, \\half, \\x, 2, none, none, \\pair_weights, t\n"
    "    .endif\n"
    "  .endr\n"
    ".endm\n"

    ".macro tn_row_3 row, pair_weights, weights, side\n"
    "  .irp index, 0, 1, 2\n"
    "    .if tn_low + 4 * \\index <= tn_high\n"
    "      tn_word \\index\n"
    "      .set tn_last, (tn_first + tn_from + tn_count == tn_out_w)\n"
    "      .if (tn_in_w >= 4) && tn_last && (tn_low + 4 * \\index + 4 > tn_high)\n"
    "        tn_load \\row, !\n"
    "      .else\n"
    "        tn_load \\row\n"
    "      .endif\n"
    "      tn_taps_3 0, r12, \\pair_weights, \\weights, \\side\n"
    "      tn_taps_3 1, lr, \\pair_weights, \\weights, \\side\n"
    "    .endif\n"
    "  .endr\n"
    ".endm\n"

    ".macro tn_unit_3 from, count\n"
    "  .if \\count > 0\n"
    "    tn_unit \\from, \\count\n"
    "    tn_row_3 r9, r4, r7, b\n"
    "    tn_row_3 r10, r5, r7, t\n"
    "    tn_row_3 r11, r6, r8, b\n"
    "  .endif\n"
    ".endm\n"

    /* With stride 1 a word of its own for two outputs takes fewer instructions than sharing words. */
    ".macro tn_units_3 emit\n"
    "  .if tn_stride == 2\n"
    "    \\emit   0, tn_outputs\n"
    "  .elseif tn_outputs <= 2\n"
    "    \\emit   0, tn_outputs\n"
    "  .else\n"
    "    \\emit   0, 2\n"
    "    \\emit   2, tn_outputs - 2\n"
    "  .endif\n"
    ".endm\n"

    /* Sums begin as biases; tn_bias_in: the last one that lies inside. */
    ".macro tn_biases_3\n"
    "  .set tn_bias_in, -1\n"
    "  .irp j, 0, 1, 2, 3\n"
    "    .set tn_fresh\\j, 0\n"
    "    .if \\j < tn_outputs\n"
    "      .set tn_column, (tn_first + \\j) * tn_stride - tn_pad\n"
    "      .if tn_column < 0\n"
    "        ldr.w   r\\j, [sp, #4]\n"
    "      .elseif tn_column + 2 >= tn_in_w\n"
    "        ldr.w   r\\j, [sp, #8]\n"
    "      .else\n"
    "        .set tn_fresh\\j, 1\n"
    "        .set tn_bias_in, \\j\n"
    "      .endif\n"
    "    .endif\n"
    "  .endr\n"
    "  .irp j, 0, 1, 2, 3\n"
    "    .if tn_bias_in == \\j\n"
    "      .set tn_fresh\\j, 0\n"
    "      ldr.w   r\\j, [sp]\n"
    "    .endif\n"
    "  .endr\n"
    ".endm\n");

__asm__(
    ".macro tn_group_3\n"
    "  .set tn_outputs, tn_out_w - tn_first\n"
    "  .if tn_outputs > 4\n"
    "    .set tn_outputs, 4\n"
    "  .endif\n"
    "  tn_biases_3\n"
    "  tn_units_3 tn_unit_3\n"
    "  ldrd    r12, lr, [sp, #12]\n"
    "  .irp j, 0, 1, 2, 3\n"
    "    .if \\j < tn_outputs\n"
    "      smmlar  r\\j, r\\j, r12, lr\n"
    "    .endif\n"
    "  .endr\n"
    "  ldr.w   r12, [sp, #20]\n"
    "  .irp j, 0, 1, 2, 3\n"
    "    .if \\j < tn_outputs\n"
    "      ssat    r\\j, #8, r\\j\n"
    "    .endif\n"
    "  .endr\n"
    "  .irp j, 0, 1, 2, 3\n"
    "    .if tn_first + \\j + 1 == tn_out_w\n"
    "      strb    r\\j, [r12, #tn_out_w]!\n"
    "    .elseif \\j < tn_outputs\n"
    "      strb.w  r\\j, [r12, #tn_first + \\j + 1]\n"
    "    .endif\n"
    "  .endr\n"
    ".endm\n"

    /* tn_shift, from the place of the last word. */
    ".macro tn_shift_3\n"
    "  .set tn_first, (tn_out_w - 1) / 4 * 4\n"
    "  .set tn_outputs, tn_out_w - tn_first\n"
    "  tn_units_3 tn_unit\n"
    "  tn_word (tn_high - tn_low) / 4\n"
    "  .if tn_in_w >= 4\n"
    "    .set tn_shift, tn_in_w - tn_base\n"
    "  .endif\n"
    ".endm\n"

    /* At 1: eight bytes for each way to begin a channel; rows of zero points stay where they are. */
    ".macro tn_depthwise_3\n"
    "  tn_shift_3\n"
    "  sub.w   sp, sp, #40\n"
    "  ldm.w   r0, {r1-r10}\n"
    "  sub.w   r12, r1, #1\n"
    "  str.w   r7, [sp, #16]\n"
    "  str.w   r3, [sp, #28]\n"
    "  .if tn_in_w < 16\n"
    "    rsb.w   r6, r6, #0\n"
    "    str.w   r6, [sp, #36]\n"
    "  .endif\n"
    "  sub.w   r11, r10, #tn_shift\n"
    "  sub.w   r10, r9, #tn_shift\n"
    "  sub.w   r9, r8, #tn_shift\n"
    "  adr.w   lr, 1f\n"
    "  add.w   lr, lr, r5, lsl #3\n"
    "  orr.w   lr, lr, #1\n"
    "  str.w   lr, [sp, #32]\n"
    "  mov.w   lr, r2\n"
    "  b.w     2f\n"
    "  .balign 4\n"
    "1:\n"
    "  b.w     2f\n"
    "  nop.w\n"
    "  sub.w   r9, r9, #tn_in_w\n"
    "  b.w     2f\n"
    "  sub.w   r11, r11, #tn_in_w\n"
    "  b.w     2f\n"
    "  sub.w   r9, r9, #tn_in_w\n"
    "  sub.w   r11, r11, #tn_in_w\n"
    "2:\n"
    "  .if tn_in_w >= 16\n"
    "    ldm.w   lr!, {r0-r3, r4, r6, r8}\n"
    "  .else\n"
    "    ldm.w   lr!, {r3, r4, r6, r8}\n"
    "    asr.w   r0, r8, #8\n"
    "    sxtb.w  r8, r8\n"
    "  .endif\n"
    "  strd    r12, lr, [sp, #20]\n"
    "  sxtb16  r5, r4, ror #8\n"
    "  sxtb16  r4, r4\n"
    "  sxtb16  r7, r6, ror #8\n"
    "  sxtb16  r6, r6\n"
    "  .if tn_in_w < 16\n"
    "    sadd16  r1, r4, r5\n"
    "    sadd16  r1, r1, r6\n"
    "    ldr.w   r12, [sp, #36]\n"
    "    smlatb  r2, r1, r12, r0\n"
    "    smlabb  r1, r1, r12, r0\n"
    "  .endif\n"
    "  stm.w   sp, {r0-r3}\n"
    "  .set tn_first, 0\n"
    "  .rept (tn_out_w + 3) / 4\n"
    "    tn_group_3\n"
    "    .set tn_first, tn_first + 4\n"
    "  .endr\n"
    "  .if tn_in_w < 4\n"
    "    add.w   r9, r9, #tn_in_w\n"
    "    add.w   r10, r10, #tn_in_w\n"
    "    add.w   r11, r11, #tn_in_w\n"
    "  .endif\n"
    "  ldrd    lr, r0, [sp, #24]\n"
    "  cmp.w   lr, r0\n"
    "  beq.w   3f\n"
    "  ldr.w   pc, [sp, #32]\n"
    "3:\n"
    "  add.w   sp, sp, #40\n"
    ".endm\n");

/* 5x5 and 7x7: row by row of the kernel, up to six outputs at a time. Rows outside the image are left out:
 * those that are there stand last in rows[], and a group is entered at the first of them. Inputs are taken
 * less their zero point, so that taps outside add nothing.
 * Registers: weights r6 (w0, w2), r7 (w1, w3), r8 (w4, w2) or, 7x7, (w4, w6), r9 (w5, w3) there; r9 the
 * weights' address in 5x5; r10 the negated zero point; r11 a row.
 * Frame: 0 out - 1, 4 stream, 8 its end, 12 weights_from, 16 missing, 20 bias, 24 multiplier, 28 zero point,
 * 32 the weights' address (7x7), 36 rows. */
__asm__(
    ".macro tn_taps_5 half, x\n"
    "  .irp j, 0, 1, 2, 3, 4, 5\n"
    "    .if \\j < tn_count\n"
    "      tn_tap \\j, \\half, \\x, 0, smlad, r6, r6, b\n"
    "      tn_tap \\j, \\half, \\x, 1, smlad, r7, r7, b\n"
    "      .if tn_kernel == 5\n"
    "        tn_tap \\j, \\half, \\x, 2, smladx, r8, r6, t\n"
    "        tn_tap \\j, \\half, \\x, 3, none, none, r7, t\n"
    "        tn_tap \\j, \\half, \\x, 4, none, none, r8, b\n"
    "      .else\n"
    "        tn_tap \\j, \\half, \\x, 2, none, none, r6, t\n"
    "        tn_tap \\j, \\half, \\x, 3, smladx, r9, r7, t\n"
    "        tn_tap \\j, \\half, \\x, 4, smlad, r8, r8, b\n"
    "        tn_tap \\j, \\half, \\x, 5, none, none, r9, b\n"
    "        tn_tap \\j, \\half, \\x, 6, none, none, r8, t\n"
    "      .endif\n"
    "    .endif\n"
    "  .endr\n"
    ".endm\n"

    ".macro tn_row_5 row\n"
    "  ldr.w   r11, [sp, #36 + 4 * \\row]\n"
    "  .if tn_kernel == 5\n"
    "    ldr.w   r6, [r9, #5 * \\row]\n"
    "    ldrsb.w r8, [r9, #5 * \\row + 4]\n"
    "  .else\n"
    "    ldr.w   r12, [sp, #32]\n"
    "    ldr.w   r6, [r12, #7 * \\row]\n"
    "    ldr.w   r8, [r12, #7 * \\row + 4]\n"
    "  .endif\n"
    "  sxtb16  r7, r6, ror #8\n"
    "  sxtb16  r6, r6\n"
    "  .if tn_kernel == 5\n"
    "    pkhbt   r8, r8, r6\n"
    "  .else\n"
    "    sxtb16  r9, r8, ror #8\n"
    "    sxtb16  r8, r8\n"
    "    pkhbt   r9, r9, r7\n"
    "  .endif\n"
    "  .irp index, 0, 1, 2, 3, 4\n"
    "    .if tn_low + 4 * \\index <= tn_high\n"
    "      tn_word \\index\n"
    "      tn_load r11\n"
    "      tn_taps_5 0, r12\n"
    "      tn_taps_5 1, lr\n"
    "    .endif\n"
    "  .endr\n"
    ".endm\n"

    /* A table of halfwords behind TBH, at 2, says where each row of the kernel begins: row r at label 1r. */
    ".macro tn_group_5\n"
    "  .irp j, 0, 1, 2, 3, 4, 5\n"
    "    .set tn_fresh\\j, 0\n"
    "    .if \\j < tn_count\n"
    "      ldr.w   r\\j, [sp, #20]\n"
    "    .endif\n"
    "  .endr\n"
    "  ldr.w   r12, [sp, #16]\n"
    "  tbh     [pc, r12, lsl #1]\n"
    "2:\n"
    "  .2byte (10f - 2b) / 2\n"
    "  .2byte (11f - 2b) / 2\n"
    "  .2byte (12f - 2b) / 2\n"
    "  .2byte (13f - 2b) / 2\n"
    "  .2byte (14f - 2b) / 2\n"
    "  .if tn_kernel == 7\n"
    "    .2byte (15f - 2b) / 2\n"
    "    .2byte (16f - 2b) / 2\n"
    "  .endif\n"
    "  .2byte 0\n"
    "10:\n"
    "  tn_row_5 0\n"
    "11:\n"
    "  tn_row_5 1\n"
    "12:\n"
    "  tn_row_5 2\n"
    "13:\n"
    "  tn_row_5 3\n"
    "14:\n"
    "  tn_row_5 4\n"
    "  .if tn_kernel == 7\n"
    "15:\n"
    "    tn_row_5 5\n"
    "16:\n"
    "    tn_row_5 6\n"
    "  .endif\n"
    "  ldrd    r11, r12, [sp, #24]\n"
    "  ldr.w   lr, [sp]\n"
    "  .irp j, 0, 1, 2, 3, 4, 5\n"
    "    .if \\j < tn_count\n"
    "      smmlar  r\\j, r\\j, r11, r12\n"
    "    .endif\n"
    "  .endr\n"
    "  .irp j, 0, 1, 2, 3, 4, 5\n"
    "    .if \\j < tn_count\n"
    "      ssat    r\\j, #8, r\\j\n"
    "    .endif\n"
    "  .endr\n"
    "  .irp j, 0, 1, 2, 3, 4, 5\n"
    "    .if tn_first + \\j + 1 == tn_out_w\n"
    "      strb    r\\j, [lr, #tn_out_w]!\n"
    "    .elseif \\j < tn_count\n"
    "      strb.w  r\\j, [lr, #tn_first + \\j + 1]\n"
    "    .endif\n"
    "  .endr\n"
    ".endm\n");

__asm__(
    ".macro tn_depthwise_5\n"
    "  sub.w   sp, sp, #64\n"
    "  ldm.w   r0!, {r1-r7}\n"
    "  sub.w   r1, r1, #1\n"
    "  stm.w   sp, {r1-r5}\n"
    "  str.w   r7, [sp, #28]\n"
    "  mov.w   r10, r6\n"
    "  ldm.w   r0, {r1-r7}\n"
    "  add.w   r0, sp, #36\n"
    "  stm.w   r0, {r1-r7}\n"
    "1:\n"
    "  ldrd    r12, lr, [sp, #4]\n"
    "  ldr.w   r2, [sp, #12]\n"
    "  ldr.w   r1, [r12], #4\n"
    "  ldr.w   r0, [r12, #tn_kernel * tn_kernel - 1]\n"
    "  asr.w   r0, r0, #8\n"
    "  strd    r0, r1, [sp, #20]\n"
    "  .if tn_kernel == 5\n"
    "    add.w   r9, r12, r2\n"
    "  .else\n"
    "    add.w   r2, r12, r2\n"
    "    str.w   r2, [sp, #32]\n"
    "  .endif\n"
    "  add.w   r12, r12, #(tn_kernel * tn_kernel + 3) / 4 * 4\n"
    "  str.w   r12, [sp, #4]\n"
    "  .set tn_first, 0\n"
    "  .set tn_groups, (tn_out_w + 5) / 6\n"
    "  .rept (tn_out_w + 5) / 6\n"
    "    tn_unit 0, (tn_out_w - tn_first + tn_groups - 1) / tn_groups\n"
    "    tn_group_5\n"
    "    .set tn_first, tn_first + tn_count\n"
    "    .set tn_groups, tn_groups - 1\n"
    "  .endr\n"
    "  str.w   lr, [sp]\n"
    "  add.w   r12, sp, #36\n"
    "  .if tn_kernel == 5\n"
    "    ldm.w   r12, {r0-r4}\n"
    "  .else\n"
    "    ldm.w   r12, {r0-r6}\n"
    "  .endif\n"
    "  .irp row, 0, 1, 2, 3, 4, 5, 6\n"
    "    .if \\row < tn_kernel\n"
    "      add.w   r\\row, r\\row, #tn_in_w\n"
    "    .endif\n"
    "  .endr\n"
    "  .if tn_kernel == 5\n"
    "    stm.w   r12, {r0-r4}\n"
    "  .else\n"
    "    stm.w   r12, {r0-r6}\n"
    "  .endif\n"
    "  ldrd    r12, lr, [sp, #4]\n"
    "  cmp.w   r12, lr\n"
    "  bne.w   1b\n"
    "  add.w   sp, sp, #64\n"
    ".endm\n");
/* clang-format on */
#endif

#endif
