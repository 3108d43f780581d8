/* Depthwise rows by SMLAD. Of one channel at a time, the kernel's input rows are copied to lines in scratch with the
 * zero point on both sides, so that every output is computed alike; then four outputs at a time. A word of four inputs
 * becomes the pairs (0, 2) and (1, 3), and a pair meets the weights (t, t + 2). Assembly, because compilers spill. */
#ifndef TINYNAS_DEPTHWISE_DSP_H
#define TINYNAS_DEPTHWISE_DSP_H

#include "tinynas_dsp.h"
#include "tinynas_kernels.h"

/* One channel: outputs [out, end), a multiple of four, from its lines. The order of the fields is the frame. */
typedef struct {
  const int8_t *line;
  int8_t *out;
  const int32_t *weights;
  const int8_t *end;
  int32_t multiplier, zero_point;
  int32_t bias;
  int32_t line_bytes;
} tn_lines_task;

void tn_lines_3_1(const tn_lines_task *task);
void tn_lines_3_2(const tn_lines_task *task);
void tn_lines_5_1(const tn_lines_task *task);
void tn_lines_5_2(const tn_lines_task *task);
void tn_lines_7_1(const tn_lines_task *task);
void tn_lines_7_2(const tn_lines_task *task);

/* Registers: sums r0-r3, weights' address r4, bytes of a line r5, weight pairs r6-r10, input pairs r11 and r12, line lr.
 * Pairs: r6 = (w0, w2), r7 = (w1, w3), r8 = (w4, w2), r9 = (w5, w3), r10 = (w4, w6); crossed ones take SMLADX.
 *
 * tn_tap adds weight t to output j if its column j * stride + t is in half `half` (even, odd) of word `word`, which x
 * holds: with weight t + 2 by `pair` if that has the same register, alone as half `side` of register `single` if not. */
__asm__(
    ".macro tn_tap kernel, stride, word, half, x, j, t, pair, single, side\n"
    ".if \\t < \\kernel\n .set tn_column, \\j * \\stride + \\t\n"
    ".if (tn_column / 4 == \\word) && ((tn_column & 1) == \\half)\n"
    ".if (tn_column & 2) == 0\n"
    ".if \\t + 2 < \\kernel\n \\pair, r\\j\n .else\n smlab\\side r\\j, \\x, \\single, r\\j\n .endif\n"
    ".elseif \\t < 2\n smlat\\side r\\j, \\x, \\single, r\\j\n .endif\n .endif\n .endif\n .endm\n"

    ".macro tn_taps kernel, stride, word, half, x\n .irp j, 0, 1, 2, 3\n"
    "tn_tap \\kernel, \\stride, \\word, \\half, \\x, \\j, 0, \"smlad r\\j, \\x, r6\", r6, b\n"
    "tn_tap \\kernel, \\stride, \\word, \\half, \\x, \\j, 1, \"smlad r\\j, \\x, r7\", r7, b\n"
    "tn_tap \\kernel, \\stride, \\word, \\half, \\x, \\j, 2, \"smladx r\\j, \\x, r8\", r6, t\n"
    "tn_tap \\kernel, \\stride, \\word, \\half, \\x, \\j, 3, \"smladx r\\j, \\x, r9\", r7, t\n"
    ".if \\kernel == 5\n tn_tap 5, \\stride, \\word, \\half, \\x, \\j, 4, nop, r8, b\n .endif\n"
    ".if \\kernel == 7\n"
    "tn_tap 7, \\stride, \\word, \\half, \\x, \\j, 4, \"smlad r\\j, \\x, r10\", r10, b\n"
    "tn_tap 7, \\stride, \\word, \\half, \\x, \\j, 5, nop, r9, b\n"
    "tn_tap 7, \\stride, \\word, \\half, \\x, \\j, 6, nop, r10, t\n .endif\n .endr\n .endm\n"

    /* One word of a line, if the group reads it. */
    ".macro tn_word kernel, stride, word\n .if 4 * \\word < 3 * \\stride + \\kernel\n"
    "ldr r12, [lr, #4 * \\word]\n sxtb16 r11, r12, ror #8\n sxtb16 r12, r12\n"
    "tn_taps \\kernel, \\stride, \\word, 0, r12\n tn_taps \\kernel, \\stride, \\word, 1, r11\n .endif\n .endm\n"

    /* The weights of kernel row `row`. */
    ".macro tn_row_weights kernel, row\n"
    ".if \\kernel == 7\n ldrd r6, r10, [r4], #8\n sxtb16 r7, r6, ror #8\n sxtb16 r6, r6\n"
    "sxtb16 r9, r10, ror #8\n sxtb16 r10, r10\n pkhbt r8, r10, r6\n pkhbt r9, r9, r7\n"
    ".else\n ldr r6, [r4], #4\n .if \\kernel == 5\n ldrsb r8, [r4, #16 - 3 * \\row]\n .endif\n"
    "sxtb16 r7, r6, ror #8\n sxtb16 r6, r6\n .if \\kernel == 5\n pkhbt r8, r8, r6\n .endif\n .endif\n .endm\n"

    ".macro tn_row kernel, stride, row\n .if \\row < \\kernel\n tn_row_weights \\kernel, \\row\n"
    "tn_word \\kernel, \\stride, 0\n tn_word \\kernel, \\stride, 1\n tn_word \\kernel, \\stride, 2\n"
    "tn_word \\kernel, \\stride, 3\n .if \\row + 1 < \\kernel\n add lr, lr, r5\n .endif\n .endif\n .endm\n"

    /* Frame: 0 line, 4 out, 8 weights, 12 end, 16 multiplier, 20 zero point, 24 bias, 28 bytes of a line. */
    ".macro tn_lines name, kernel, stride\n"
    ".syntax unified\n .thumb\n .section .text.\\name, \"ax\", %progbits\n .balign 4\n"
    ".type \\name, %function\n .thumb_func\n \\name:\n"
    "push {r4-r11, lr}\n sub sp, sp, #32\n ldm r0, {r1-r8}\n stm sp, {r1-r8}\n mov r5, r8\n mov lr, r1\n"
    "1: ldrd r4, r6, [sp, #8]\n ldr r0, [sp, #24]\n mov r1, r0\n mov r2, r0\n mov r3, r0\n"
    "tn_row \\kernel, \\stride, 0\n tn_row \\kernel, \\stride, 1\n tn_row \\kernel, \\stride, 2\n"
    "tn_row \\kernel, \\stride, 3\n tn_row \\kernel, \\stride, 4\n tn_row \\kernel, \\stride, 5\n"
    "tn_row \\kernel, \\stride, 6\n"
    "ldrd r11, r12, [sp, #16]\n ldrd lr, r4, [sp]\n"
    "smmlar r0, r0, r11, r12\n smmlar r1, r1, r11, r12\n smmlar r2, r2, r11, r12\n smmlar r3, r3, r11, r12\n"
    "ssat r0, #8, r0\n ssat r1, #8, r1\n ssat r2, #8, r2\n ssat r3, #8, r3\n"
    "strb r1, [r4, #1]\n strb r2, [r4, #2]\n strb r3, [r4, #3]\n strb r0, [r4], #4\n"
    "add lr, lr, #4 * \\stride\n ldr r6, [sp, #12]\n strd lr, r4, [sp]\n cmp r4, r6\n bne.w 1b\n"
    "add sp, sp, #32\n pop {r4-r11, pc}\n .size \\name, . - \\name\n .endm\n"

    "tn_lines tn_lines_3_1, 3, 1\n tn_lines tn_lines_3_2, 3, 2\n"
    "tn_lines tn_lines_5_1, 5, 1\n tn_lines tn_lines_5_2, 5, 2\n"
    "tn_lines tn_lines_7_1, 7, 1\n tn_lines tn_lines_7_2, 7, 2\n");

/* `count` > 0 bytes, by words where there are four; the last word may overlap the one before. */
static inline __attribute__((always_inline)) void tn_copy_line(int8_t *to, const int8_t *from, int count) {
  if (count < 4) {
    while (count-- > 0) to[count] = from[count];
    return;
  }
  int at = 0;
  for (; at + 16 <= count; at += 16) {
    const uint32_t a = tn_load_word(from + at), b = tn_load_word(from + at + 4), c = tn_load_word(from + at + 8),
                   d = tn_load_word(from + at + 12);
    tn_store_word(to + at, a);
    tn_store_word(to + at + 4, b);
    tn_store_word(to + at + 8, c);
    tn_store_word(to + at + 12, d);
  }
  for (; at + 4 <= count; at += 4) tn_store_word(to + at, tn_load_word(from + at));
  tn_store_word(to + count - 4, tn_load_word(from + count - 4));
}

enum { kGroup = 4 };
typedef void tn_lines_function(const tn_lines_task *task);

static inline __attribute__((always_inline)) void tn_depthwise_lines(const tn_depthwise_square_layer *layer,
                                                                     const int8_t *const rows[], int8_t *out,
                                                                     int8_t *lines, int kernel, int constants_at,
                                                                     tn_lines_function *function) {
  const int in_w = layer->in_w, out_w = layer->out_w, stride = layer->stride_w;
  const int groups = (out_w + kGroup - 1) / kGroup, left = out_w % kGroup;
  const int reads = (groups - 1) * kGroup * stride + (((kGroup - 1) * stride + kernel + 3) & ~3);
  const int holds = (layer->pad_left + in_w + 3) & ~3;
  const int line_bytes = reads > holds ? reads : holds;
  memset(lines, layer->in_zero_point, (size_t)(kernel * line_bytes));

  tn_lines_task task = {.weights = layer->weights, .zero_point = layer->out_zero_point, .line_bytes = line_bytes};
  int plane = 0;
  for (int c = 0; c < layer->c; ++c, plane += in_w, out += out_w) {
    int8_t *to = lines + layer->pad_left;
    for (int r = 0; r < kernel; ++r, to += line_bytes)
      if (rows[r]) tn_copy_line(to, rows[r] + plane, in_w);
    task.bias = task.weights[constants_at];
    task.multiplier = task.weights[constants_at + 1];
    task.line = lines;
    task.out = out;
    task.end = out + out_w - left;
    if (out_w >= kGroup) function(&task);
    if (left > 0) {
      int8_t last[kGroup];
      task.line = lines + (out_w - left) * stride;
      task.out = last;
      task.end = last + kGroup;
      function(&task);
      for (int i = 0; i < left; ++i) out[out_w - left + i] = last[i];
    }
    task.weights += constants_at + 2;
  }
}

#endif
