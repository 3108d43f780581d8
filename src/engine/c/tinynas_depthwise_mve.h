/* Depthwise rows by sums of 16 products. The rows of one channel at a time are copied to lines in scratch
 * where four of them alternate, column by column, with the zero point on both sides: four columns are a
 * vector, a window is one (3x3) or two, and its product with the channel's weights one VMLAV each, whatever
 * the stride. The fifth row of 5x5 has a line of its own, the last three of 7x7 share one. Rows outside the
 * image are read from a line of zero points. Assembly, because compilers spill. */
#ifndef TINYNAS_DEPTHWISE_MVE_H
#define TINYNAS_DEPTHWISE_MVE_H

#include <arm_mve.h>

#include "tinynas_kernels.h"

enum {
  kBatch = 16,
  kColumn = 4,
  kGroup = 8
}; /* columns loaded at once, bytes of one in a line, outputs of a group */

/* What the assembly reads: it keeps a copy of all up to `constants` on the stack. */
typedef struct {
  int32_t steps[7];       /* 0: from a row's last batch to the next channel's first */
  int32_t out_zero_point; /* 28 */
  const int8_t *rows[7];  /* 32 */
  int32_t last;           /* 60: columns of the last batch */
  int8_t *store;          /* 64: the image's first column in the line */
  int32_t batches;        /* 68: beyond the last */
  int8_t *edge;           /* 72: behind the image's last column */
  uint32_t zero_points;   /* 76: four bytes */
  const int8_t *read;     /* 80: the line */
  int32_t groups;         /* 84: beyond the last */
  int32_t skip; /* 88: bytes of code that the last group leaves out; the assembly keeps its entry there */
  int32_t tail; /* 92: outputs of the last group */
  const int32_t *end;       /* 96: of the constants */
  int8_t *store_2, *edge_2; /* 100, 104: of the second line */
  const int8_t *read_2;     /* 108 */
  const int32_t *constants; /* 112 */
  const int8_t *weights;
  int8_t *out;
} tn_columns_task;

/* Registers: r3 constants, r5 weights, r7 out; r1 and r8 the lines that are read, sums in r0, r2, r4, r6. Of
 * 3x3 r8-r10 are rows, r11 bias, r12 multiplier, q5 a mask, q7 the zero point; of the others r9 bias, r10
 * multiplier and, of 7x7, r11 the zero point. Weights from q4 on. */
/* clang-format off */
#define TN_COLUMNS_BEGIN(NAME)        \
  TN_ASM_BEGIN(NAME)                  \
  "  push         {r4-r11, lr}\n"     \
  "  vpush        {d8-d15}\n"         \
  "  sub          sp, sp, #116\n"     \
  ".set tn_at, 0\n"                   \
  ".rept 7\n"                         \
  "  vldrw.u32    q0, [r0, #tn_at]\n" \
  "  vstrw.32     q0, [sp, #tn_at]\n" \
  "  .set tn_at, tn_at + 16\n"        \
  ".endr\n"                           \
  "  add          r0, r0, #112\n"     \
  "  ldm          r0, {r3, r5, r7}\n" \
  "  adr.w        r0, 6f\n"           \
  "  ldr          r1, [sp, #88]\n"    \
  "  add          r0, r0, r1\n"       \
  "  orr          r0, r0, #1\n"       \
  "  str          r0, [sp, #88]\n"

/* Columns of three or four rows, 16 of each, to the line at r1: whole batches move the rows on, the last one
 * takes the columns that are there. */
#define TN_LOAD_3(A, B, C)             \
  "  vldrb.u8     q0, [" #A "], #16\n" \
  "  vldrb.u8     q1, [" #B "], #16\n" \
  "  vldrb.u8     q2, [" #C "], #16\n"
#define TN_LOAD_4(A, B, C, D)          \
  TN_LOAD_3(A, B, C)                   \
  "  vldrb.u8     q3, [" #D "], #16\n"
#define TN_LOAD_LAST_3(A, B, C)   \
  "  vpsttt\n"                    \
  "  vldrbt.u8    q0, [" #A "]\n" \
  "  vldrbt.u8    q1, [" #B "]\n" \
  "  vldrbt.u8    q2, [" #C "]\n"
#define TN_LOAD_LAST_4(A, B, C, D) \
  "  vpstttt\n"                    \
  "  vldrbt.u8    q0, [" #A "]\n"  \
  "  vldrbt.u8    q1, [" #B "]\n"  \
  "  vldrbt.u8    q2, [" #C "]\n"  \
  "  vldrbt.u8    q3, [" #D "]\n"
#define TN_STORE_COLUMNS                     \
  "  vst40.8      {q0, q1, q2, q3}, [r1]\n"  \
  "  vst41.8      {q0, q1, q2, q3}, [r1]\n"  \
  "  vst42.8      {q0, q1, q2, q3}, [r1]\n"  \
  "  vst43.8      {q0, q1, q2, q3}, [r1]!\n"

/* The window that begins X outputs further; the lines stay. */
#define TN_WINDOW_3(STRIDE, X, SUM)                      \
  "  vldrb.u8     q0, [r1, #4 * " #STRIDE " * " #X "]\n" \
  "  vmlav.s8     " #SUM ", q0, q4\n"
#define TN_WINDOW_5(STRIDE, X, SUM)                           \
  "  vldrb.u8     q0, [r1, #4 * " #STRIDE " * " #X " + 16]\n" \
  "  vmlav.s8     " #SUM ", q0, q5\n"                         \
  "  vldrb.u8     q3, [r1, #4 * " #STRIDE " * " #X "]\n"      \
  "  vmlava.s8    " #SUM ", q3, q4\n"                         \
  "  vldrb.u8     q0, [r8, #" #STRIDE " * " #X "]\n"          \
  "  vmlava.s8    " #SUM ", q0, q6\n"
#define TN_WINDOW_7(STRIDE, X, SUM)                           \
  "  vldrb.u8     q0, [r1, #4 * " #STRIDE " * " #X " + 16]\n" \
  "  vmlav.s8     " #SUM ", q0, q5\n"                         \
  "  vldrb.u8     q3, [r1, #4 * " #STRIDE " * " #X "]\n"      \
  "  vmlava.s8    " #SUM ", q3, q4\n"                         \
  "  vldrb.u8     q0, [r8, #4 * " #STRIDE " * " #X " + 16]\n" \
  "  vmlava.s8    " #SUM ", q0, q7\n"                         \
  "  vldrb.u8     q3, [r8, #4 * " #STRIDE " * " #X "]\n"      \
  "  vmlava.s8    " #SUM ", q3, q6\n"
/* The window of the first output; the lines go on by a group. */
#define TN_MOVING_WINDOW_3(STRIDE, SUM)          \
  "  vldrb.u8     q0, [r1], #32 * " #STRIDE "\n" \
  "  vmlav.s8     " #SUM ", q0, q4\n"
#define TN_MOVING_WINDOW_5(STRIDE, SUM)          \
  "  vldrb.u8     q0, [r1, #16]\n"               \
  "  vmlav.s8     " #SUM ", q0, q5\n"            \
  "  vldrb.u8     q3, [r1], #32 * " #STRIDE "\n" \
  "  vmlava.s8    " #SUM ", q3, q4\n"            \
  "  vldrb.u8     q0, [r8], #8 * " #STRIDE "\n"  \
  "  vmlava.s8    " #SUM ", q0, q6\n"
#define TN_MOVING_WINDOW_7(STRIDE, SUM)          \
  "  vldrb.u8     q0, [r1, #16]\n"               \
  "  vmlav.s8     " #SUM ", q0, q5\n"            \
  "  vldrb.u8     q3, [r1], #32 * " #STRIDE "\n" \
  "  vmlava.s8    " #SUM ", q3, q4\n"            \
  "  vldrb.u8     q0, [r8, #16]\n"               \
  "  vmlava.s8    " #SUM ", q0, q7\n"            \
  "  vldrb.u8     q3, [r8], #32 * " #STRIDE "\n" \
  "  vmlava.s8    " #SUM ", q3, q6\n"

/* A group from the last output to the first, so that it can begin in the middle: even ones in q1, odd ones in
 * q2. All windows but the first are a macro of the assembler, as C promises strings of 4095 characters. */
#define TN_WINDOWS(KERNEL, STRIDE)              \
  ".macro tn_windows_" #KERNEL "_" #STRIDE "\n" \
  TN_WINDOW_##KERNEL(STRIDE, 7, r6)             \
  TN_WINDOW_##KERNEL(STRIDE, 6, r4)             \
  TN_WINDOW_##KERNEL(STRIDE, 5, r2)             \
  TN_WINDOW_##KERNEL(STRIDE, 4, r0)             \
  "  vmov         d3, r0, r4\n"                 \
  "  vmov         d5, r2, r6\n"                 \
  TN_WINDOW_##KERNEL(STRIDE, 3, r6)             \
  TN_WINDOW_##KERNEL(STRIDE, 2, r4)             \
  TN_WINDOW_##KERNEL(STRIDE, 1, r2)             \
  ".endm\n"
__asm__(TN_WINDOWS(3, 1));
__asm__(TN_WINDOWS(3, 2));
__asm__(TN_WINDOWS(5, 1));
__asm__(TN_WINDOWS(5, 2));
__asm__(TN_WINDOWS(7, 1));
__asm__(TN_WINDOWS(7, 2));

/* Behind the first window: biases, multipliers, zero points, until the outputs stand in q1. */
#define TN_OUTPUTS(KERNEL, BIAS, MULTIPLIER, ZERO_POINT) \
  ".macro tn_outputs_" #KERNEL "\n"                      \
  "  vmov         d2, r0, r4\n"                          \
  "  vmov         d4, r2, r6\n"                          \
  "  vadd.i32     q1, q1, " #BIAS "\n"                   \
  "  vadd.i32     q2, q2, " #BIAS "\n"                   \
  "  vqrdmulh.s32 q1, q1, " #MULTIPLIER "\n"             \
  "  vqrdmulh.s32 q2, q2, " #MULTIPLIER "\n"             \
  "  vqmovnb.s32  q1, q1\n"                              \
  "  vqmovnt.s32  q1, q2\n"                              \
  "  vqadd.s16    q1, q1, " #ZERO_POINT "\n"             \
  "  vqmovnb.s16  q1, q1\n"                              \
  ".endm\n"
__asm__(TN_OUTPUTS(3, r11, r12, q7));
__asm__(TN_OUTPUTS(5, r9, r10, q7));
__asm__(TN_OUTPUTS(7, r9, r10, r11));

/* All groups of a channel, then the next one. */
#define TN_COLUMNS_END(NAME, KERNEL, STRIDE) \
  "  ldrd         r1, lr, [sp, #80]\n"       \
  "  wls          lr, lr, 5f\n"              \
  "4:\n"                                     \
  "  tn_windows_" #KERNEL "_" #STRIDE "\n"   \
  TN_MOVING_WINDOW_##KERNEL(STRIDE, r0)      \
  "  tn_outputs_" #KERNEL "\n"               \
  "  vstrb.16     q1, [r7], #8\n"            \
  "  le           lr, 4b\n"                  \
  "5:\n"                                     \
  "  ldr          pc, [sp, #88]\n"           \
  ".balign 4\n"                              \
  "6:\n"                                     \
  "  tn_windows_" #KERNEL "_" #STRIDE "\n"   \
  TN_WINDOW_##KERNEL(STRIDE, 0, r0)          \
  "  tn_outputs_" #KERNEL "\n"               \
  "  ldr          r0, [sp, #92]\n"           \
  "  vctp.16      r0\n"                      \
  "  vpst\n"                                 \
  "  vstrbt.16    q1, [r7]\n"                \
  "  add          r7, r7, r0\n"              \
  "  ldr          r0, [sp, #96]\n"           \
  "  cmp          r3, r0\n"                  \
  "  bne.w        1b\n"                      \
  "  add          sp, sp, #116\n"            \
  "  vpop         {d8-d15}\n"                \
  "  pop          {r4-r11, pc}\n"            \
  TN_ASM_END(NAME)

#define TN_COLUMNS_3(NAME, STRIDE)      \
  TN_COLUMNS_BEGIN(NAME)                \
  "  ldrd         r8, r9, [sp, #32]\n"  \
  "  ldr          r10, [sp, #40]\n"     \
  "  movs         r0, #0\n"             \
  "  vmov.i8      q5, #255\n"           \
  "  vmov.32      q5[3], r0\n"          \
  "  ldr          r0, [sp, #28]\n"      \
  "  vdup.16      q7, r0\n"             \
  "1:\n"                                \
  "  ldrd         r1, lr, [sp, #64]\n"  \
  "  ldr          r0, [sp, #60]\n"      \
  "  wls          lr, lr, 3f\n"         \
  "2:\n"                                \
  TN_LOAD_3(r8, r9, r10)                \
  TN_STORE_COLUMNS                      \
  "  le           lr, 2b\n"             \
  "3:\n"                                \
  "  vctp.8       r0\n"                 \
  TN_LOAD_LAST_3(r8, r9, r10)           \
  TN_STORE_COLUMNS                      \
  "  ldm          sp, {r0, r2, r4}\n"   \
  "  add          r8, r8, r0\n"         \
  "  add          r9, r9, r2\n"         \
  "  add          r10, r10, r4\n"       \
  "  ldrd         r0, r2, [sp, #72]\n"  \
  "  strd         r2, r2, [r0]\n"       \
  "  vldrb.u8     q4, [r5], #12\n"      \
  "  vand         q4, q4, q5\n"         \
  "  ldrd         r11, r12, [r3], #8\n" \
  TN_COLUMNS_END(NAME, 3, STRIDE)
__asm__(TN_COLUMNS_3("tn_columns_3_1", 1));
__asm__(TN_COLUMNS_3("tn_columns_3_2", 2));

#define TN_COLUMNS_5(NAME, STRIDE)            \
  TN_COLUMNS_BEGIN(NAME)                      \
  "  vmov.i32     q5, #0\n"                   \
  "  vmov.i32     q6, #0\n"                   \
  "  ldr          r0, [sp, #28]\n"            \
  "  vdup.16      q7, r0\n"                   \
  "1:\n"                                      \
  "  ldrd         r8, r9, [sp, #32]\n"        \
  "  ldrd         r10, r11, [sp, #40]\n"      \
  "  ldr          r12, [sp, #48]\n"           \
  "  ldrd         r1, lr, [sp, #64]\n"        \
  "  ldr          r2, [sp, #100]\n"           \
  "  ldr          r0, [sp, #60]\n"            \
  "  wls          lr, lr, 3f\n"               \
  "2:\n"                                      \
  TN_LOAD_4(r8, r9, r10, r11)                 \
  TN_STORE_COLUMNS                            \
  "  vldrb.u8     q0, [r12], #16\n"           \
  "  vstrb.8      q0, [r2], #16\n"            \
  "  le           lr, 2b\n"                   \
  "3:\n"                                      \
  "  vctp.8       r0\n"                       \
  TN_LOAD_LAST_4(r8, r9, r10, r11)            \
  TN_STORE_COLUMNS                            \
  "  vpst\n"                                  \
  "  vldrbt.u8    q0, [r12]\n"                \
  "  vstrb.8      q0, [r2]\n"                 \
  "  ldm          sp, {r0, r1, r2, r4, r6}\n" \
  "  add          r8, r8, r0\n"               \
  "  add          r9, r9, r1\n"               \
  "  add          r10, r10, r2\n"             \
  "  add          r11, r11, r4\n"             \
  "  add          r12, r12, r6\n"             \
  "  strd         r8, r9, [sp, #32]\n"        \
  "  strd         r10, r11, [sp, #40]\n"      \
  "  str          r12, [sp, #48]\n"           \
  "  ldrd         r0, r2, [sp, #72]\n"        \
  "  strd         r2, r2, [r0]\n"             \
  "  strd         r2, r2, [r0, #8]\n"         \
  "  ldrd         r0, r8, [sp, #104]\n"       \
  "  str          r2, [r0]\n"                 \
  "  vldrb.u8     q4, [r5], #28\n"            \
  "  ldr          r0, [r5, #-12]\n"           \
  "  vmov.32      q5[0], r0\n"                \
  "  ldrd         r0, r2, [r5, #-8]\n"        \
  "  vmov         d12, r0, r2\n"              \
  "  ldrd         r9, r10, [r3], #8\n"        \
  TN_COLUMNS_END(NAME, 5, STRIDE)
__asm__(TN_COLUMNS_5("tn_columns_5_1", 1));
__asm__(TN_COLUMNS_5("tn_columns_5_2", 2));

#define TN_COLUMNS_7(NAME, STRIDE)      \
  TN_COLUMNS_BEGIN(NAME)                \
  "  movs         r12, #0\n"            \
  "  ldr          r11, [sp, #28]\n"     \
  "1:\n"                                \
  "  ldrd         r8, r9, [sp, #32]\n"  \
  "  ldrd         r10, r2, [sp, #40]\n" \
  "  ldrd         r1, lr, [sp, #64]\n"  \
  "  ldr          r6, [sp, #60]\n"      \
  "  vctp.8       r6\n"                 \
  "  wls          lr, lr, 3f\n"         \
  "2:\n"                                \
  TN_LOAD_4(r8, r9, r10, r2)            \
  TN_STORE_COLUMNS                      \
  "  le           lr, 2b\n"             \
  "3:\n"                                \
  TN_LOAD_LAST_4(r8, r9, r10, r2)       \
  TN_STORE_COLUMNS                      \
  "  ldrd         r0, r4, [sp]\n"       \
  "  add          r8, r8, r0\n"         \
  "  add          r9, r9, r4\n"         \
  "  strd         r8, r9, [sp, #32]\n"  \
  "  ldrd         r0, r4, [sp, #8]\n"   \
  "  add          r10, r10, r0\n"       \
  "  add          r2, r2, r4\n"         \
  "  strd         r10, r2, [sp, #40]\n" \
  "  ldrd         r8, r9, [sp, #48]\n"  \
  "  ldr          r10, [sp, #56]\n"     \
  "  ldr          r1, [sp, #100]\n"     \
  "  ldr          lr, [sp, #68]\n"      \
  "  wls          lr, lr, 8f\n"         \
  "7:\n"                                \
  TN_LOAD_3(r8, r9, r10)                \
  TN_STORE_COLUMNS                      \
  "  le           lr, 7b\n"             \
  "8:\n"                                \
  TN_LOAD_LAST_3(r8, r9, r10)           \
  TN_STORE_COLUMNS                      \
  "  ldrd         r0, r4, [sp, #16]\n"  \
  "  ldr          r2, [sp, #24]\n"      \
  "  add          r8, r8, r0\n"         \
  "  add          r9, r9, r4\n"         \
  "  add          r10, r10, r2\n"       \
  "  strd         r8, r9, [sp, #48]\n"  \
  "  str          r10, [sp, #56]\n"     \
  "  ldrd         r0, r2, [sp, #72]\n"  \
  "  strd         r2, r2, [r0]\n"       \
  "  strd         r2, r2, [r0, #8]\n"   \
  "  strd         r2, r2, [r0, #16]\n"  \
  "  ldrd         r0, r8, [sp, #104]\n" \
  "  strd         r2, r2, [r0]\n"       \
  "  strd         r2, r2, [r0, #8]\n"   \
  "  strd         r2, r2, [r0, #16]\n"  \
  "  vldrb.u8     q4, [r5], #56\n"      \
  "  vldrb.u8     q5, [r5, #-40]\n"     \
  "  vldrb.u8     q6, [r5, #-28]\n"     \
  "  vldrb.u8     q7, [r5, #-12]\n"     \
  "  vmov.32      q5[3], r12\n"         \
  "  vmov.32      q7[3], r12\n"         \
  "  ldrd         r9, r10, [r3], #8\n"  \
  TN_COLUMNS_END(NAME, 7, STRIDE)
__asm__(TN_COLUMNS_7("tn_columns_7_1", 1));
__asm__(TN_COLUMNS_7("tn_columns_7_2", 2));
/* clang-format on */

typedef void tn_columns_function(const tn_columns_task *task);
tn_columns_function tn_columns_3_1, tn_columns_3_2, tn_columns_5_1, tn_columns_5_2, tn_columns_7_1,
    tn_columns_7_2;

/* Bytes of code before the output that a last group of `outputs` begins with. */
static inline int tn_skipped(int kernel, int outputs) {
  const int window = kernel == 3 ? 8 : kernel == 5 ? 24 : 32, moves = 8;
  return (kGroup - outputs) * window + (outputs <= kGroup / 2 ? moves : 0);
}

/* Scratch: the line of the first four rows, that of the others, zero points
 * (src/cost/kernels/depthwise_tiles.cpp knows the bytes). */
static void tn_depthwise_mve(const tn_depthwise_layer *layer, const int8_t *const rows[], int8_t *out,
                             int8_t *scratch, tn_columns_function *const by_stride[2]) {
  const int kernel = layer->kernel_w, in_w = layer->in_w, left = layer->pad_left;
  const int batches = (in_w - 1) / kBatch, columns = left + (batches + 1) * kBatch;
  const int line = kColumn * columns + 2 * kBatch, column_2 = kernel == 5 ? 1 : kColumn;
  const int line_2 = kernel == 3 ? 0 : kernel == 5 ? (columns + kBatch + 3) & ~3 : line;
  int8_t *const second = scratch + line, *const zeros = second + line_2;
  const int8x16_t zero_point = vdupq_n_s8((int8_t)layer->in_zero_point);
  /* Columns left of the image, up to six, stay; those right of it are written anew for every channel. */
  for (int i = 0; i < 2 * kBatch; i += kBatch) {
    vstrbq_s8(scratch + i, zero_point);
    if (line_2 > 0) vstrbq_s8(second + i, zero_point);
  }
  const int groups = (layer->out_w - 1) / kGroup, tail = layer->out_w - groups * kGroup;
  tn_columns_task task = {.out_zero_point = layer->out_zero_point,
                          .last = in_w - batches * kBatch,
                          .store = scratch + kColumn * left,
                          .batches = batches,
                          .edge = scratch + kColumn * (left + in_w),
                          .zero_points = (uint8_t)layer->in_zero_point * 0x01010101u,
                          .read = scratch,
                          .groups = groups,
                          .skip = tn_skipped(kernel, tail),
                          .tail = tail,
                          .end = layer->channels + 2 * layer->c,
                          .store_2 = second + column_2 * left,
                          .edge_2 = second + column_2 * (left + in_w),
                          .read_2 = second,
                          .constants = layer->channels,
                          .weights = layer->weights,
                          .out = out};
  int missing = 0;
  for (int r = 0; r < kernel; ++r) {
    task.rows[r] = rows[r] ? rows[r] : zeros;
    task.steps[r] = (rows[r] ? in_w : 0) - batches * kBatch;
    missing |= !rows[r];
  }
  for (int i = 0; missing && i <= batches; ++i) vstrbq_s8(zeros + i * kBatch, zero_point);
  by_stride[layer->stride_w - 1](&task);
}

#endif
