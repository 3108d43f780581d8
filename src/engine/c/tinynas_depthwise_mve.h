/* Depthwise rows in vectors of four outputs. Of one channel at a time, the columns under a tile of outputs are copied to
 * lines in scratch, one for a kernel row, with the zero point on both sides; then every weight meets all outputs of the
 * tile. For stride 2 a line holds the even columns, then the odd ones, so that vectors are read in one piece. Assembly,
 * because compilers spill. */
#ifndef TINYNAS_DEPTHWISE_MVE_H
#define TINYNAS_DEPTHWISE_MVE_H

#include <arm_mve.h>

#include "tinynas_kernels.h"

/* A line, or half of one with stride 2; what the assembly copies of a row at most. */
enum { kLine = 32 };

/* A tile of some channels. Assembly knows the offsets of the fields. */
typedef struct {
  int8_t *first, *second;    /* 0, 4: where the first row's columns go; with stride 2 those of the other parity */
  int8_t *beyond;            /* 8: stride 2: behind the last of `second` */
  int32_t in_zero_point;     /* 12 */
  int32_t row_count;         /* 16: kernel rows that lie in the image */
  const int8_t *lines;       /* 20 */
  const int8_t *const *rows; /* 24: those rows */
  int32_t in_w, out_w, out_zero_point; /* 28, 32, 36 */
  const int32_t *end;        /* 40: of the constants */
  const int8_t *weights;     /* 44 */
  const int32_t *constants;  /* 48 */
  int8_t *out;               /* 52 */
  int32_t plane;             /* 56: of the first channel: where its columns begin in a row */
  int32_t columns;   /* 60: bytes to store with predicates: all; of stride 2 half; of tiles of six those beyond 16 */
  int32_t channels;  /* 64 */
  int32_t skip;      /* 68: kernel rows outside the image */
  const void *entry; /* 72: set by the assembly from `skip` */
  const int8_t *last_rows[5]; /* 76: the rows again, from `skip` on */
} tn_tile_task;

/* Two shapes of a tile's code. Looped over kernel rows: r8 plane, r9 weights, r10 constants, r11 out; a kernel row's
 * weights r1-r7, line r0; the first fields of the task on the stack. Flat, for small kernels: r4 in_w, r5 out_w, r6 out
 * zero point, r7 out, r8 plane, r9 weights, r10 constants, r11 task, lr channels left. Sums from q0 on in both. */
__asm__(
    ".altmacro\n"
    /* Stride 2: a column of a group's window to register x; the line's first one moves r0 on. */
    ".macro tn_column x, group, tap\n"
    ".if \\group + \\tap == 0\n vldrb.s32 \\x, [r0], #64\n"
    ".else\n vldrb.s32 \\x, [r0, #4 * \\group + \\tap / 2 + 32 * (\\tap - \\tap / 2 * 2) - 64]\n .endif\n .endm\n"
    ".macro tn_mac_1 sum, x, weight\n vmla.s32 q\\sum, \\x, r\\weight\n .endm\n"
    ".macro tn_mac sum, x, tap\n tn_mac_1 \\sum, \\x, %(\\tap + 1)\n .endm\n"

    /* Stride 1: column `at` of the line meets a tap of every group it belongs to. */
    ".macro tn_meet x, at, kernel, groups, group\n"
    ".if (\\group < \\groups) * (\\at >= 4 * \\group) * (\\at < 4 * \\group + \\kernel)\n"
    "tn_mac \\group, \\x, %(\\at - 4 * \\group)\n .endif\n .endm\n"
    ".macro tn_column_of_all x, at, kernel, groups\n"
    ".if (\\at < 4 * \\groups - 4 + \\kernel) * (\\at - \\at / 4 * 4 < \\kernel)\n"
    ".if \\at == 0\n vldrb.s32 \\x, [r0], #32\n .else\n vldrb.s32 \\x, [r0, #\\at - 32]\n .endif\n"
    ".irp group, 0, 1, 2, 3, 4, 5\n tn_meet \\x, \\at, \\kernel, \\groups, \\group\n .endr\n .endif\n .endm\n"
    ".macro tn_line_1 kernel, groups\n"
    ".irp at, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28\n"
    "tn_column_of_all q6, \\at, \\kernel, \\groups\n tn_column_of_all q7, %(\\at + 1), \\kernel, \\groups\n .endr\n .endm\n"

    /* Stride 2: windows of different groups share no vector. */
    ".macro tn_window group, kernel\n .irp tap, 0, 2, 4, 6\n"
    ".if \\tap < \\kernel\n tn_column q6, \\group, \\tap\n tn_mac \\group, q6, \\tap\n .endif\n"
    ".if \\tap + 1 < \\kernel\n tn_column q7, \\group, %(\\tap + 1)\n tn_mac \\group, q7, %(\\tap + 1)\n .endif\n"
    ".endr\n .endm\n"
    ".macro tn_line_2 kernel, groups\n .irp group, 0, 1, 2\n .if \\group < \\groups\n tn_window \\group, \\kernel\n .endif\n"
    ".endr\n .endm\n"

    ".macro tn_row_weights kernel\n .irp tap, 1, 2, 3, 4, 5, 6\n .if \\tap < \\kernel\n tn_weight %(\\tap + 1), \\tap\n .endif\n"
    ".endr\n ldrsb r1, [r9], #\\kernel\n .endm\n"
    ".macro tn_weight register, tap\n ldrsb r\\register, [r9, #\\tap]\n .endm\n"

    /* Columns of a row to a line; lanes beyond are not written, and but for stride 2 not read. */
    ".macro tn_copy_1 first, second, beyond, zero\n vpstt\n vldrbt.u8 q0, [r3]\n vstrbt.8 q0, [\\first], #32\n .endm\n"
    ".macro tn_copy_wide first, second, beyond, zero\n vldrb.u8 q0, [r3]\n vstrb.8 q0, [\\first], #32\n vpstt\n"
    "vldrbt.u8 q1, [r3, #16]\n vstrbt.8 q1, [\\first, #-16]\n .endm\n"
    /* With an odd count one column too many is stored; it becomes the zero point again. */
    ".macro tn_copy_2 first, second, beyond, zero\n vld20.8 {q0, q1}, [r3]\n vld21.8 {q0, q1}, [r3]\n vpstt\n"
    "vstrbt.8 q0, [\\first], #64\n vstrbt.8 q1, [\\second], #64\n strb.w \\zero, [\\beyond], #64\n .endm\n"

    ".macro tn_scale a, b, zero_point, to\n vrmulh.s32 q\\a, q\\a, q7\n vrmulh.s32 q\\b, q\\b, q7\n vqmovnb.s32 q\\a, q\\a\n"
    "vqmovnt.s32 q\\a, q\\b\n vqadd.s16 q\\a, q\\a, \\zero_point\n vqmovnb.s16 q\\a, q\\a\n vstrb.32 q\\a, [\\to, #4 * \\a]\n"
    "vshr.u32 q\\a, q\\a, #16\n vstrb.32 q\\a, [\\to, #4 * \\b]\n .endm\n"
    ".macro tn_scale_last a, zero_point, to\n vrmulh.s32 q\\a, q\\a, q7\n vadd.i32 q\\a, q\\a, \\zero_point\n vqmovnb.s32 q\\a, q\\a\n"
    "vqmovnb.s16 q\\a, q\\a\n vstrb.32 q\\a, [\\to, #4 * \\a]\n .endm\n"

    ".macro tn_begin name\n"
    ".syntax unified\n .thumb\n .section .text.\\name, \"ax\", %progbits\n .balign 4\n"
    ".type \\name, %function\n .thumb_func\n \\name:\n push {r4-r11, lr}\n vpush {d8-d15}\n .endm\n"
    ".macro tn_start_sums groups\n ldrd r1, r12, [r10], #8\n .irp group, 0, 1, 2, 3, 4, 5\n"
    ".if \\group < \\groups\n vdup.32 q\\group, r1\n .endif\n .endr\n .endm\n"
    /* To r0 on: r12 multiplier. */
    ".macro tn_finish groups, zero_point, to\n vdup.32 q7, r12\n tn_scale 0, 1, \\zero_point, \\to\n"
    ".if \\groups == 3\n tn_scale_last 2, \\zero_point, \\to\n .endif\n"
    ".if \\groups == 6\n tn_scale 2, 3, \\zero_point, \\to\n tn_scale 4, 5, \\zero_point, \\to\n .endif\n .endm\n"

    ".macro tn_tile_looped name, kernel, stride, groups, copy\n tn_begin \\name\n sub sp, sp, #44\n"
    "add r12, r0, #44\n ldm r12, {r7-r11}\n vctp.8 r11\n mov r12, r10\n mov r11, r9\n mov r10, r8\n mov r9, r7\n mov r8, r12\n"
    "ldm r0!, {r1-r7}\n stm sp, {r1-r7}\n ldm r0, {r1-r4}\n add r0, sp, #28\n stm r0, {r1-r4}\n"
    "1: ldrd r6, r0, [sp, #16]\n ldr r7, [sp, #24]\n ldrd r1, r2, [sp]\n .if \\stride == 2\n ldrd r4, r5, [sp, #8]\n .endif\n"
    "dls lr, r6\n 2: ldr r3, [r7], #4\n add r3, r3, r8\n \\copy r1, r2, r4, r5\n le lr, 2b\n"
    "tn_start_sums \\groups\n movs r1, #\\kernel\n dls lr, r1\n"
    "3: tn_row_weights \\kernel\n tn_line_\\stride \\kernel, \\groups\n le lr, 3b\n"
    "ldr r1, [sp, #36]\n mov r0, r11\n tn_finish \\groups, r1, r0\n"
    "ldrd r1, r2, [sp, #28]\n add r8, r8, r1\n add r11, r11, r2\n ldr r3, [sp, #40]\n cmp r10, r3\n bne.w 1b\n"
    "add sp, sp, #44\n vpop {d8-d15}\n pop {r4-r11, pc}\n .size \\name, . - \\name\n .endm\n"

    ".macro tn_tile_flat name, kernel, stride, groups, copy, copy_bytes\n tn_begin \\name\n mov r11, r0\n"
    "ldr r0, [r11, #68]\n adr.w r1, 2f\n movs r2, #\\copy_bytes\n mla r1, r0, r2, r1\n orr r1, r1, #1\n str r1, [r11, #72]\n"
    "ldr r4, [r11, #60]\n vctp.8 r4\n ldrd r4, r5, [r11, #28]\n ldr r6, [r11, #36]\n ldrd r9, r10, [r11, #44]\n"
    "ldrd r7, r8, [r11, #52]\n ldr lr, [r11, #64]\n"
    "1: ldrd r0, r1, [r11]\n .if \\stride == 2\n ldrd r2, r12, [r11, #8]\n .endif\n ldr pc, [r11, #72]\n .balign 4\n"
    "2: .irp row, 0, 1, 2, 3, 4\n .if \\row < \\kernel\n ldr.w r3, [r11, #76 + 4 * \\row]\n add.w r3, r3, r8\n"
    "\\copy r0, r1, r2, r12\n .endif\n .endr\n"
    "tn_start_sums \\groups\n ldr r0, [r11, #20]\n"
    ".irp row, 0, 1, 2, 3, 4\n .if \\row < \\kernel\n"
    ".if \\stride == 1\n tn_row_weights \\kernel\n tn_line_1 \\kernel, \\groups\n .else\n tn_flat_line \\kernel, \\groups\n"
    ".endif\n .endif\n .endr\n"
    "tn_finish \\groups, r6, r7\n add r7, r7, r5\n add r8, r8, r4\n le lr, 1b\n"
    "vpop {d8-d15}\n pop {r4-r11, pc}\n .size \\name, . - \\name\n .endm\n"
    /* Stride 2 with every weight loaded when all windows need it: two registers do. */
    ".macro tn_flat_line kernel, groups\n .irp tap, 0, 1, 2, 3, 4\n .if \\tap < \\kernel\n"
    ".if \\tap == 0\n ldrsb r1, [r9], #\\kernel\n .else\n ldrsb r1, [r9, #\\tap - \\kernel]\n .endif\n"
    ".irp group, 0, 1, 2\n .if \\group < \\groups\n tn_column q6, \\group, \\tap\n vmla.s32 q\\group, q6, r1\n .endif\n .endr\n"
    ".endif\n .endr\n .endm\n"

    "tn_tile_flat tn_tile_3_1_2, 3, 1, 2, tn_copy_1, 20\n tn_tile_flat tn_tile_3_1_3, 3, 1, 3, tn_copy_1, 20\n"
    "tn_tile_flat tn_tile_3_1_6, 3, 1, 6, tn_copy_wide, 28\n"
    "tn_tile_flat tn_tile_3_2_2, 3, 2, 2, tn_copy_2, 32\n tn_tile_flat tn_tile_3_2_3, 3, 2, 3, tn_copy_2, 32\n"
    "tn_tile_looped tn_tile_5_1_2, 5, 1, 2, tn_copy_1\n tn_tile_looped tn_tile_5_1_3, 5, 1, 3, tn_copy_1\n"
    "tn_tile_looped tn_tile_5_1_6, 5, 1, 6, tn_copy_wide\n"
    "tn_tile_flat tn_tile_5_2_2, 5, 2, 2, tn_copy_2, 32\n tn_tile_flat tn_tile_5_2_3, 5, 2, 3, tn_copy_2, 32\n"
    "tn_tile_looped tn_tile_7_1_2, 7, 1, 2, tn_copy_1\n tn_tile_looped tn_tile_7_1_3, 7, 1, 3, tn_copy_1\n"
    "tn_tile_looped tn_tile_7_1_6, 7, 1, 6, tn_copy_wide\n"
    "tn_tile_looped tn_tile_7_2_2, 7, 2, 2, tn_copy_2\n tn_tile_looped tn_tile_7_2_3, 7, 2, 3, tn_copy_2\n .noaltmacro\n");

typedef void tn_tile_function(const tn_tile_task *task);
/* By stride and groups: 1 and two, three, six; 2 and two, three. */
#define TN_TILES(KERNEL)                                                                                              \
  tn_tile_function tn_tile_##KERNEL##_1_2, tn_tile_##KERNEL##_1_3, tn_tile_##KERNEL##_1_6, tn_tile_##KERNEL##_2_2,    \
      tn_tile_##KERNEL##_2_3;                                                                                         \
  static tn_tile_function *const tn_tiles_##KERNEL[5] = {tn_tile_##KERNEL##_1_2, tn_tile_##KERNEL##_1_3,              \
                                                         tn_tile_##KERNEL##_1_6, tn_tile_##KERNEL##_2_2,              \
                                                         tn_tile_##KERNEL##_2_3};
TN_TILES(3)
TN_TILES(5)
TN_TILES(7)

/* The columns of an input row under `outputs` outputs from x on. */
typedef struct {
  int from, count;
  int at; /* of the first one among those the window reads, inside the image or not */
} tn_columns;

static tn_columns tn_columns_under(const tn_depthwise_layer *layer, int x, int outputs) {
  const int first = x * layer->stride_w - layer->pad_left, end = first + (outputs - 1) * layer->stride_w + layer->kernel_w;
  const int from = first < 0 ? 0 : first;
  return (tn_columns){from, (end < layer->in_w ? end : layer->in_w) - from, from - first};
}

/* Groups of four outputs in the tile that begins at output x: six read 16 columns and more, with stride 1 three read 16
 * at most. */
static int tn_groups(const tn_depthwise_layer *layer, int x) {
  const int left = layer->out_w - x;
  if (left > 16 && layer->stride_w == 1 && layer->in_w >= 16) return 6;
  return left > 8 && (layer->stride_w == 2 || tn_columns_under(layer, x, 12).count <= 16) ? 3 : 2;
}

/* Where the tile begins that ends at output `limit`, or, for the last one, beyond. */
static int tn_tile_before(const tn_depthwise_layer *layer, int limit) {
  int x = 0;
  for (int next; (next = x + 4 * tn_groups(layer, x)) < limit;) x = next;
  return x;
}

static tn_tile_function *tn_tile_for(const tn_depthwise_layer *layer, int groups, tn_tile_function *const functions[5]) {
  if (layer->stride_w == 2) return functions[groups == 3 ? 4 : 3];
  return functions[groups == 6 ? 2 : groups == 3 ? 1 : 0];
}

/* The next `channels` channels of a task. */
static void tn_run_tile(tn_tile_task *task, tn_tile_function *tile, int channels, int weights) {
  task->channels = channels;
  task->end = task->constants + 2 * channels;
  tile(task);
  task->weights += channels * weights;
  task->constants = task->end;
  task->plane += channels * task->in_w;
  task->out += channels * task->out_w;
}

/* Up to 32 bytes. */
static inline void tn_copy_bytes(int8_t *to, const int8_t *from, int count) {
  const mve_pred16_t first = vctp8q((uint32_t)count);
  vstrbq_p_s8(to, vldrbq_z_s8(from, first), first);
  if (count <= 16) return;
  const mve_pred16_t second = vctp8q((uint32_t)count - 16);
  vstrbq_p_s8(to + 16, vldrbq_z_s8(from + 16, second), second);
}

/* The kernel's rows that lie in the image. */
static void tn_set_rows(tn_tile_task *task, const int8_t *const *rows) {
  task->rows = rows;
  for (int r = 0; r < task->row_count && task->skip + r < 5; ++r) task->last_rows[task->skip + r] = rows[r];
}

/* The last channels, one by one: their columns may not be read as whole vectors, nor their outputs stored so. */
static void tn_run_last(tn_tile_task *task, tn_tile_function *tile, int channels, int weights, int columns, int outputs) {
  const int8_t *const *const rows = task->rows;
  int8_t copies[7][kLine], spare[24];
  const int8_t *copied[7];
  for (int plane = task->plane; channels > 0; --channels, plane += task->in_w) {
    for (int r = 0; r < task->row_count; ++r) {
      tn_copy_bytes(copies[r], rows[r] + plane, columns);
      copied[r] = copies[r];
    }
    int8_t *const out = task->out;
    tn_set_rows(task, copied);
    task->plane = 0;
    task->out = spare;
    tn_run_tile(task, tile, 1, weights);
    tn_copy_bytes(out, spare, outputs);
    task->out = out + task->out_w;
  }
}

static void tn_depthwise_mve(const tn_depthwise_layer *layer, const int8_t *const rows[], int8_t *out, int8_t *scratch,
                             tn_tile_function *const functions[5]) {
  const int kernel = layer->kernel_w, stride = layer->stride_w, in_w = layer->in_w, out_w = layer->out_w;
  int missing = 0, row_count = kernel;
  while (!rows[missing]) ++missing;
  while (!rows[row_count - 1]) --row_count;
  /* What a tile stores beyond a channel's outputs is written again: tiles are made from right to left. */
  for (int x = tn_tile_before(layer, out_w);; x = tn_tile_before(layer, x)) {
    const int groups = tn_groups(layer, x), whole = 4 * groups;
    const tn_columns columns = tn_columns_under(layer, x, whole);
    const int odd = stride == 2 && columns.at % 2 == 1;
    int8_t *const line = scratch + kLine * stride * missing;
    for (int i = 0; i < kernel * stride * kLine; i += 16) vstrbq_s8(scratch + i, vdupq_n_s8((int8_t)layer->in_zero_point));
    tn_tile_task task = {.first = line + columns.at / stride + odd * kLine,
                         .second = line + (columns.at + 1) / 2 + !odd * kLine,
                         .row_count = row_count - missing,
                         .skip = kernel - (row_count - missing),
                         .lines = scratch,
                         .in_w = in_w,
                         .out_w = out_w,
                         .out_zero_point = layer->out_zero_point,
                         .in_zero_point = layer->in_zero_point,
                         .weights = layer->weights,
                         .constants = layer->channels,
                         .out = out + x,
                         .plane = columns.from,
                         .columns = stride == 2   ? (columns.count + 1) / 2
                                    : groups == 6 ? columns.count - 16
                                                  : columns.count};
    task.beyond = task.second + columns.count / 2;
    tn_set_rows(&task, rows + missing);
    tn_tile_function *const tile = tn_tile_for(layer, groups, functions);
    /* Channels from the end that whole vectors of outputs, and with stride 2 of columns, do not fit behind. */
    int last = (x + whole - 1) / out_w;
    if (stride == 2 && (columns.from + kLine - 1) / in_w > last) last = (columns.from + kLine - 1) / in_w;
    if (last > layer->c) last = layer->c;
    if (last < layer->c) tn_run_tile(&task, tile, layer->c - last, kernel * kernel);
    tn_run_last(&task, tile, last, kernel * kernel, columns.count, out_w - x < whole ? out_w - x : whole);
    if (x == 0) return;
  }
}

#endif
