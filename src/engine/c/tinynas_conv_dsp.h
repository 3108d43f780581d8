/* The block of tinynas_conv.c for ARMv7E-M and ARMv8-M with the DSP extension: two output channels of three,
 * two or one outputs at a time, each in a register pair (sum of a, sum of halves).
 *
 * A weight word (two inputs, two channels) is used as it is for the sum of halves, and through SXTB16 for
 * that of a: three instructions for four weights. Three outputs take 8.5 instructions for 12
 * multiply-accumulates and 14 registers; four would need one more. Assembly, because compilers spill here. */
#ifndef TINYNAS_CONV_DSP_H
#define TINYNAS_CONV_DSP_H

#include "tinynas_conv_block.h"
#include "tinynas_dsp.h"
#include "tinynas_gather_unrolled.h"

/* Threes as far as they go; no one is left over unless the row is one wide. */
static inline int tn_block_pixels(int left) { return left > 4 ? 3 : left == 4 ? 2 : left; }

/* What the assembly reads: the order of the fields is its stack frame. */
typedef struct {
  const tn_input *inputs, *inputs_end;
  const int32_t *weights, *weights_end;
  int32_t rest; /* steps of four inputs in the first pass, beyond the first: up to kUnroll */
  int32_t zero_point;
  int8_t *out;
  int32_t out_w;
} tn_pair_task;

enum { kUnroll = 8, kDenseUnroll = 16 }; /* as the assembly below has it */

/* All pairs of channels for `pixels` outputs. With out_w = 0 the second channel of a pair is stored first and
 * written over by the first: that is how a last odd channel is done. */
void tn_pair_block_3(const tn_pair_task *task);
void tn_pair_block_3_short(const tn_pair_task *task); /* at most 1 + kUnroll steps */
void tn_pair_block_2(const tn_pair_task *task);
void tn_pair_block_1(const tn_pair_task *task);

/* Registers: r12 weights, lr inputs, r6 and r7 two weight words, r8 a's halves of one; sums (a, halves) of
 * the first output in r0 and r1, of the next in r2 and r3, r4 and r5; inputs in what is left. Frame: 0
 * inputs, 4 their end, 8 where the unrolled loop is entered, 12 end of weights, 20 zero point, 24 out, 28
 * out_w. STEP_BYTES is the code of one step: its instructions have four bytes each. */
/* clang-format off */
#define TN_BLOCK_BEGIN(NAME, STEP_BYTES) \
  TN_ASM_BEGIN(NAME)                     \
  "  push    {r4-r11, lr}\n"             \
  "  sub     sp, sp, #32\n"              \
  "  ldm     r0, {r1-r8}\n"              \
  "  mov     r12, r3\n"                  \
  "  movs    r3, #" #STEP_BYTES "\n"     \
  "  adr.w   r9, 3f\n"                   \
  "  mls     r3, r5, r3, r9\n"           \
  "  orr     r3, r3, #1\n"               \
  "  stm     sp, {r1-r8}\n"              \
  "1:\n"                                 \
  "  ldr     lr, [sp]\n"
#define TN_BLOCK_END(NAME)    \
  "  ldr     r6, [sp, #12]\n" \
  "  cmp     r12, r6\n"       \
  "  bne.w   1b\n"            \
  "  add     sp, sp, #32\n"   \
  "  pop     {r4-r11, pc}\n"  \
  TN_ASM_END(NAME)
/* All steps of a pair that one pass makes; it is entered so that as many as there are run. */
#define TN_BLOCK_STEPS(UNROLL, STEP) \
  "  ldr     pc, [sp, #8]\n"         \
  ".balign 4\n"                      \
  "2:\n"                             \
  ".rept " #UNROLL "\n"              \
  STEP                               \
  ".endr\n"                          \
  "3:\n"
#define TN_BLOCK_LOOP(UNROLL, STEP) \
  TN_BLOCK_STEPS(UNROLL, STEP)      \
  "  ldr     r6, [sp, #4]\n"        \
  "  cmp     lr, r6\n"              \
  "  bne.w   2b\n"
#define TN_PAIR_BEGIN              \
  "  ldmia.w r12!, {r0, r6, r7}\n" \
  "  sxtb16  r8, r6\n"
#define TN_PAIR_WORDS             \
  "  ldrd    r6, r7, [r12], #8\n" \
  "  sxtb16  r8, r6\n"
#define TN_NEXT_WORD   \
  "  sxtb16  r8, r7\n"
#define TN_PAIR_END                   \
  "  add     r10, r10, r11, lsl #1\n" \
  "  str     r10, [sp, #24]\n"

/* One output and one weight word W: both sums, which begin as the bias in r0 or go on. */
#define TN_MAC_FIRST(A, HALVES, W, X)           \
  "  smlad   " #HALVES ", " #W ", " #X ", r0\n" \
  "  smlad   " #A ", r8, " #X ", r0\n"
#define TN_MAC(A, HALVES, W, X)                          \
  "  smlad   " #A ", r8, " #X ", " #A "\n"               \
  "  smlad   " #HALVES ", " #W ", " #X ", " #HALVES "\n"

/* Multipliers and b's bias to r6-r8; b from the sum of halves; requantize, saturate; r10 then is the place of
 * a, r11 further that of b. */
#define TN_RECOVER(A, HALVES)                    \
  "  sub     " #HALVES ", " #HALVES ", " #A "\n"
#define TN_CONSTANTS          \
  "  ldm     r12!, {r6-r8}\n" \
  "  ldr     r9, [sp, #20]\n"
#define TN_BIAS(B)                         \
  "  add     " #B ", r8, " #B ", asr #8\n"
#define TN_SCALE(A, B)                 \
  "  smmlar  " #A ", " #A ", r6, r9\n" \
  "  smmlar  " #B ", " #B ", r7, r9\n"
#define TN_PLACE                    \
  "  ldrd    r10, r11, [sp, #24]\n"
#define TN_SATURATE(A, B)          \
  "  ssat    " #A ", #8, " #A "\n" \
  "  ssat    " #B ", #8, " #B "\n"
/* Stores an output of a and b and goes on by NEXT bytes. */
#define TN_STORE(A, B, NEXT)              \
  "  strb    " #B ", [r10, r11]\n"        \
  "  strb    " #A ", [r10], #" #NEXT "\n"

/* Three outputs. */
#define TN_INPUTS_3           \
  "  ldmia.w lr!, {r9-r11}\n"
#define TN_WORD_3(W)     \
  TN_INPUTS_3            \
  TN_MAC(r0, r1, W, r9)  \
  TN_MAC(r2, r3, W, r10) \
  TN_MAC(r4, r5, W, r11)
#define TN_STEP_3 \
  TN_PAIR_WORDS   \
  TN_WORD_3(r6)   \
  TN_NEXT_WORD    \
  TN_WORD_3(r7)
/* The first step spares copies of the bias: r0, which holds it, is written last. */
#define TN_PAIR_BLOCK_3(NAME, STEPS) \
  TN_BLOCK_BEGIN(NAME, 68)           \
  TN_PAIR_BEGIN                      \
  TN_INPUTS_3                        \
  TN_MAC_FIRST(r4, r5, r6, r11)      \
  TN_MAC_FIRST(r2, r3, r6, r10)      \
  TN_MAC_FIRST(r0, r1, r6, r9)       \
  TN_NEXT_WORD                       \
  TN_WORD_3(r7)                      \
  STEPS(8, TN_STEP_3)                \
  TN_RECOVER(r0, r1)                 \
  TN_RECOVER(r2, r3)                 \
  TN_RECOVER(r4, r5)                 \
  TN_CONSTANTS                       \
  TN_BIAS(r1)                        \
  TN_BIAS(r3)                        \
  TN_BIAS(r5)                        \
  TN_SCALE(r0, r1)                   \
  TN_SCALE(r2, r3)                   \
  TN_SCALE(r4, r5)                   \
  TN_PLACE                           \
  TN_SATURATE(r0, r1)                \
  TN_SATURATE(r2, r3)                \
  TN_SATURATE(r4, r5)                \
  TN_STORE(r0, r1, 1)                \
  TN_STORE(r2, r3, 1)                \
  TN_STORE(r4, r5, -2)               \
  TN_PAIR_END                        \
  TN_BLOCK_END(NAME)
__asm__(TN_PAIR_BLOCK_3("tn_pair_block_3", TN_BLOCK_LOOP));
__asm__(TN_PAIR_BLOCK_3("tn_pair_block_3_short", TN_BLOCK_STEPS));

/* Two outputs: the inputs of both words in one load. */
#define TN_INPUTS_2                    \
  "  ldmia.w lr!, {r4, r5, r9, r10}\n"
#define TN_SECOND_WORD_2  \
  TN_NEXT_WORD            \
  TN_MAC(r0, r1, r7, r9)  \
  TN_MAC(r2, r3, r7, r10)
#define TN_STEP_2        \
  TN_PAIR_WORDS          \
  TN_INPUTS_2            \
  TN_MAC(r0, r1, r6, r4) \
  TN_MAC(r2, r3, r6, r5) \
  TN_SECOND_WORD_2
__asm__(
    TN_BLOCK_BEGIN("tn_pair_block_2", 48)
    TN_PAIR_BEGIN
    TN_INPUTS_2
    TN_MAC_FIRST(r2, r3, r6, r5)
    TN_MAC_FIRST(r0, r1, r6, r4)
    TN_SECOND_WORD_2
    TN_BLOCK_LOOP(8, TN_STEP_2)
    TN_RECOVER(r0, r1)
    TN_RECOVER(r2, r3)
    TN_CONSTANTS
    TN_BIAS(r1)
    TN_BIAS(r3)
    TN_SCALE(r0, r1)
    TN_SCALE(r2, r3)
    TN_PLACE
    TN_SATURATE(r0, r1)
    TN_SATURATE(r2, r3)
    TN_STORE(r0, r1, 1)
    TN_STORE(r2, r3, -1)
    TN_PAIR_END
    TN_BLOCK_END("tn_pair_block_2"));

/* One output. */
#define TN_INPUTS_1               \
  "  ldrd    r9, r10, [lr], #8\n"
#define TN_SECOND_WORD_1  \
  TN_NEXT_WORD            \
  TN_MAC(r0, r1, r7, r10)
#define TN_STEP_1        \
  TN_PAIR_WORDS          \
  TN_INPUTS_1            \
  TN_MAC(r0, r1, r6, r9) \
  TN_SECOND_WORD_1
__asm__(
    TN_BLOCK_BEGIN("tn_pair_block_1", 32)
    TN_PAIR_BEGIN
    TN_INPUTS_1
    TN_MAC_FIRST(r0, r1, r6, r9)
    TN_SECOND_WORD_1
    TN_BLOCK_LOOP(8, TN_STEP_1)
    TN_RECOVER(r0, r1)
    TN_CONSTANTS
    TN_BIAS(r1)
    TN_SCALE(r0, r1)
    TN_PLACE
    TN_SATURATE(r0, r1)
    TN_STORE(r0, r1, 0)
    TN_PAIR_END
    TN_BLOCK_END("tn_pair_block_1"));

/* Two pairs for one output: sums (a, halves) of the first pair in r0 and r1, of the second in r2 and r3. */
void tn_dense_block(const tn_pair_task *task);

#define TN_DENSE_WORD(W1, W2, X)        \
  "  sxtb16  r10, " #W1 "\n"            \
  "  sxtb16  r11, " #W2 "\n"            \
  "  smlad   r0, r10, " #X ", r0\n"     \
  "  smlad   r1, " #W1 ", " #X ", r1\n" \
  "  smlad   r2, r11, " #X ", r2\n"     \
  "  smlad   r3, " #W2 ", " #X ", r3\n"
#define TN_DENSE_STEP            \
  "  ldmia.w r12!, {r4-r7}\n"    \
  "  ldrd    r8, r9, [lr], #8\n" \
  TN_DENSE_WORD(r4, r5, r8)      \
  TN_DENSE_WORD(r6, r7, r9)
__asm__(
    TN_BLOCK_BEGIN("tn_dense_block", 56)
    "  ldrd    r0, r2, [r12], #8\n"
    "  mov     r1, r0\n"
    "  mov     r3, r2\n"
    TN_BLOCK_LOOP(16, TN_DENSE_STEP)
    TN_RECOVER(r0, r1)
    TN_RECOVER(r2, r3)
    "  ldmia.w r12!, {r4-r9}\n"
    "  add     r1, r8, r1, asr #8\n"
    "  add     r3, r9, r3, asr #8\n"
    "  ldrd    r8, r9, [sp, #20]\n"
    "  smmlar  r0, r0, r4, r8\n"
    "  smmlar  r1, r1, r5, r8\n"
    "  smmlar  r2, r2, r6, r8\n"
    "  smmlar  r3, r3, r7, r8\n"
    TN_SATURATE(r0, r1)
    TN_SATURATE(r2, r3)
    "  strb    r0, [r9], #1\n"
    "  strb    r1, [r9], #1\n"
    "  strb    r2, [r9], #1\n"
    "  strb    r3, [r9], #1\n"
    "  str     r9, [sp, #24]\n"
    TN_BLOCK_END("tn_dense_block"));
/* clang-format on */

/* The plain form, for layers with scales of 0.5 or more: rare, and then only small. */
static __attribute__((noinline)) void tn_pair_block_shifted(const tn_block *block, int pixels) {
  const int32_t *w = block->weights;
  int8_t *out = block->out;
  for (int o = 0; o < block->out_c; o += 2, out += 2 * block->out_w, w += block->words + 4) {
    const int32_t *const constants = w + 1 + block->words;
    for (int p = 0; p < pixels; ++p) {
      uint32_t a = (uint32_t)w[0], halves = a;
      const tn_input *x = block->inputs + 2 * p;
      for (int i = 1; i <= block->words; ++i, x += 2 * pixels) {
        const int32_t low = tn_low_half(w[i]), high = tn_high_half(w[i]);
        halves += (uint32_t)(low * x[0] + high * x[1]);
        a += (uint32_t)((int8_t)low * x[0] + (int8_t)high * x[1]);
      }
      out[p] = tn_block_requantize(block, o, (int32_t)a, constants[0]);
      if (o + 1 < block->out_c)
        out[block->out_w + p] =
            tn_block_requantize(block, o + 1, constants[2] + tn_recover_b(halves, a), constants[1]);
    }
  }
}

static inline void tn_run_task(const tn_pair_task *task, int steps, int pixels) {
  if (pixels == 3 && task->rest == steps) {
    tn_pair_block_3_short(task);
  } else if (pixels == 3) {
    tn_pair_block_3(task);
  } else if (pixels == 2) {
    tn_pair_block_2(task);
  } else {
    tn_pair_block_1(task);
  }
}

static __attribute__((noinline)) void tn_pair_block(const tn_block *block, int pixels) {
  if (block->shifts) {
    tn_pair_block_shifted(block, pixels);
    return;
  }
  const int pairs = block->out_c / 2, steps = block->words / 2 - 1;
  tn_pair_task task = {.inputs = block->inputs,
                       .inputs_end = block->inputs + 2 * block->words * pixels,
                       .weights = block->weights,
                       .weights_end = block->weights + pairs * (block->words + 4),
                       .rest = steps <= kUnroll ? steps : steps % kUnroll,
                       .zero_point = block->zero_point,
                       .out = block->out,
                       .out_w = block->out_w};
  if (pairs > 0) tn_run_task(&task, steps, pixels);
  if (block->out_c % 2 == 1) {
    task.weights = task.weights_end;
    task.weights_end += block->words + 4;
    task.out += 2 * pairs * block->out_w;
    task.out_w = 0;
    tn_run_task(&task, steps, pixels);
  }
}

/* A dense layer's channels, four at a time; what is left is for tn_pair_block. */
static void tn_pairs_of_pairs(const tn_block *block) {
  if (block->shifts) {
    tn_quads_plain(block);
  } else if (block->out_c >= 4) {
    const tn_pair_task task = {.inputs = block->inputs,
                               .inputs_end = block->inputs + 2 * block->words,
                               .weights = block->weights,
                               .weights_end = block->weights + block->out_c / 4 * 2 * (block->words + 4),
                               .rest = block->words / 2 % kDenseUnroll,
                               .zero_point = block->zero_point,
                               .out = block->out};
    tn_dense_block(&task);
  }
}

/* Unrolled code gathers windows for blocks of three outputs. */
enum { TN_UNROLLED_PIXELS = 3 };
static inline void tn_gather_unrolled(const tn_conv_layer *layer, tn_input *inputs,
                                      const int8_t *const rows[], int first) {
  layer->unrolled(inputs, rows, first);
}

/* Four inputs that stand side by side, in the order of the stream: two pairs. */
static inline void tn_put_four(tn_input *first, tn_input *second, const int8_t *in) {
  const uint32_t word = tn_load_word(in);
  tn_store_word(first, tn_even_bytes(word));
  tn_store_word(second, tn_odd_bytes(word));
}

/* Three or two neighbours of each of 2 * `pairs` planes that lie `width` apart, pairs > 0. Reads four bytes a
 * plane: a word of each of two planes gives {a0 a1 b0 b1} and {a2 a3 b2 b3}, whose even and odd bytes are the
 * pairs wanted. */
void tn_gather_3(tn_input *inputs, const int8_t *in, int pairs, int width);
void tn_gather_2(tn_input *inputs, const int8_t *in, int pairs, int width);

/* clang-format off */
#define TN_TWO_WORDS                \
  "  ldr     r4, [r1]\n"            \
  "  ldr     r5, [r1, r3]\n"        \
  "  add     r1, r1, r3, lsl #1\n"  \
  "  pkhbt   r6, r4, r5, lsl #16\n"
#define TN_THREE_PAIRS              \
  TN_TWO_WORDS                      \
  "  pkhtb   r7, r5, r4, asr #16\n" \
  "  sxtb16  r4, r6\n"              \
  "  sxtb16  r5, r6, ror #8\n"      \
  "  sxtb16  r6, r7\n"              \
  "  stm     r0!, {r4-r6}\n"
#define TN_TWO_PAIRS           \
  TN_TWO_WORDS                 \
  "  sxtb16  r4, r6\n"         \
  "  sxtb16  r5, r6, ror #8\n" \
  "  stm     r0!, {r4, r5}\n"
/* Two pairs of planes a turn; an odd number begins with the second one. */
#define TN_GATHER(NAME, PAIR) \
  TN_ASM_BEGIN(NAME)          \
  "  push    {r4-r7, lr}\n"   \
  "  adds    r2, #1\n"        \
  "  lsrs    r2, #1\n"        \
  "  bcc     2f\n"            \
  "1:\n"                      \
  PAIR                        \
  "2:\n"                      \
  PAIR                        \
  "  subs    r2, #1\n"        \
  "  bne     1b\n"            \
  "  pop     {r4-r7, pc}\n"   \
  TN_ASM_END(NAME)
__asm__(TN_GATHER("tn_gather_3", TN_THREE_PAIRS));
__asm__(TN_GATHER("tn_gather_2", TN_TWO_PAIRS));
/* clang-format on */

/* The inputs of a 1x1 convolution: `pixels` neighbours from column x on of each of `count` planes, `width`
 * apart. */
static __attribute__((noinline)) void tn_gather_planes(tn_input *inputs, const int8_t *row, int x, int count,
                                                       int width, int pixels) {
  /* Words must not reach beyond the row: (planes - 1) * width + x + 4 <= count * width. */
  int planes = count;
  while (planes > 0 && (planes - 1) * width + x + 4 > count * width) --planes;
  planes &= ~1;
  if (planes > 0 && pixels == 3) {
    tn_gather_3(inputs, row + x, planes / 2, width);
  } else if (planes > 0 && pixels == 2) {
    tn_gather_2(inputs, row + x, planes / 2, width);
  } else {
    planes = 0;
  }
  for (int k = planes; k < count; ++k)
    for (int p = 0; p < pixels; ++p) inputs[tn_input_at(k, p, pixels)] = row[k * width + x + p];
}

#endif
