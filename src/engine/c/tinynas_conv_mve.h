/* The vector form of tinynas_conv_x16.c: eight or four neighbouring outputs at once, 16 inputs an instruction.
 *
 * The inputs of the outputs are gathered as [16 inputs ...][output][16], with zeros behind the last: weights read there
 * belong to the next channel (or, behind the last, to the array's padding) and count for nothing. VMLAVA sums 16 products
 * into one register; registers of outputs are even, as it asks. Assembly, because compilers spill here. */
#ifndef TINYNAS_CONV_MVE_H
#define TINYNAS_CONV_MVE_H

#include <arm_mve.h>
#include <string.h>

#include "tinynas_arith.h"
#include "tinynas_kernels.h"

enum { kLanes = 16, kUnrolled = 4 };

/* What the assembly reads: the order of the fields is its stack frame. */
typedef struct {
  const int8_t *inputs;
  int32_t rounds;    /* of the unrolled loop, the first perhaps in part */
  const void *entry; /* where that one begins: set by the assembly from `skip` */
  int32_t rewind;    /* bytes by which the last vector reads beyond its row of weights */
  int32_t out_w;
  int32_t zero_point;
  const int32_t *channels_end;
  const int8_t *weights;
  const int32_t *channels;
  int8_t *out;
  int32_t pixels; /* outputs to store */
  int32_t skip;   /* blocks of 16 inputs that the first round leaves out */
} tn_vector_task;

/* All channels for `pixels` <= 8 or <= 4 outputs; tn_vector_block_8x16: of up to 16 inputs. */
void tn_vector_block_8(const tn_vector_task *task);
void tn_vector_block_8x16(const tn_vector_task *task);
void tn_vector_block_4(const tn_vector_task *task);

/* Registers: r1 weights, r3 inputs, r5 constants, r7 out, r9 rounds; sums of eight outputs in r0, r2 .. r12, lr, of four
 * in r0 .. r6. Frame: 0 inputs, 4 rounds, 8 entry, 12 rewind, 16 out_w, 20 zero point, 24 end of constants. */
__asm__(
    ".macro tn_vector_begin name, step\n"
    ".syntax unified\n .thumb\n .section .text.tn_vector_block, \"ax\", %progbits\n .balign 4\n"
    ".type \\name, %function\n .thumb_func\n \\name:\n"
    "push {r4-r11, lr}\n vpush {d8-d15}\n sub sp, sp, #32\n"
    "ldrd r10, r11, [r0, #40]\n adr.w r9, 2f\n movs r8, #\\step\n mla r9, r11, r8, r9\n orr r9, r9, #1\n mov r11, r9\n"
    "ldm r0, {r1-r9}\n mov r3, r11\n stm sp, {r1-r7}\n mov r1, r8\n mov r5, r9\n ldr r7, [r0, #36]\n .endm\n"

    ".macro tn_vector_end name\n cmp r5, r6\n bne.w 1b\n"
    "add sp, sp, #32\n vpop {d8-d15}\n pop {r4-r11, pc}\n .size \\name, . - \\name\n .endm\n"

    /* Sixteen inputs of one output. */
    ".macro tn_dot sum, x, more=a\n vldrb.u8 \\x, [r3], #16\n vmlav\\more\\().s8 \\sum, q0, \\x\n .endm\n"
    ".macro tn_dots_8\n vldrb.u8 q0, [r1], #16\n tn_dot r0, q1\n tn_dot r2, q2\n tn_dot r4, q1\n tn_dot r6, q2\n"
    "tn_dot r8, q1\n tn_dot r10, q2\n tn_dot r12, q1\n tn_dot lr, q2\n .endm\n"
    ".macro tn_dots_4\n vldrb.u8 q0, [r1], #16\n tn_dot r0, q1\n tn_dot r2, q2\n tn_dot r4, q1\n tn_dot r6, q2\n .endm\n"

    /* Even outputs to q0, odd ones to q1. */
    ".macro tn_sums_8\n vmov d0, r0, r4\n vmov d1, r8, r12\n vmov d2, r2, r6\n vmov d3, r10, lr\n .endm\n"
    /* Scaled by r0, saturated, stored in turn. */
    ".macro tn_store_8 zero_point\n vqrdmulh.s32 q0, q0, r0\n vqrdmulh.s32 q1, q1, r0\n vqmovnb.s32 q0, q0\n vqmovnt.s32 q0, q1\n"
    "vqadd.s16 q0, q0, \\zero_point\n vqmovnb.s16 q0, q0\n vpst\n vstrbt.16 q0, [r7]\n .endm\n"

    "tn_vector_begin tn_vector_block_8, 68\n vctp.16 r10\n"
    "1: ldr r0, [r5], #4\n ldrd r3, r9, [sp]\n mov r2, r0\n mov r4, r0\n mov r6, r0\n mov r8, r0\n mov r10, r0\n"
    "mov r12, r0\n mov lr, r0\n ldr pc, [sp, #8]\n .balign 4\n"
    "2: .rept 4\n tn_dots_8\n .endr\n subs r9, r9, #1\n bne.w 2b\n"
    "tn_sums_8\n ldr r0, [r5], #4\n ldrd r4, r8, [sp, #12]\n ldrd r2, r6, [sp, #20]\n tn_store_8 r2\n"
    "sub r1, r1, r4\n add r7, r7, r8\n tn_vector_end tn_vector_block_8\n"

    /* The inputs of six outputs stay in q2-q7; r9 is out_w, r11 the zero point. */
    "tn_vector_begin tn_vector_block_8x16, 0\n 2: vctp.16 r10\n ldr r3, [sp]\n ldrd r9, r11, [sp, #16]\n"
    ".irp q, 2, 3, 4, 5, 6, 7\n vldrb.u8 q\\q, [r3], #16\n .endr\n"
    "1: vldrb.u8 q0, [r1], #16\n vmlav.s8 r0, q0, q2\n vmlav.s8 r2, q0, q3\n vmlav.s8 r4, q0, q4\n"
    "vldrb.u8 q1, [r3]\n vmlav.s8 r6, q0, q5\n vmlav.s8 r8, q0, q6\n vmlav.s8 r12, q0, q1\n vldrb.u8 q1, [r3, #16]\n"
    "vmlav.s8 r10, q0, q7\n vmlav.s8 lr, q0, q1\n tn_sums_8\n ldrd r4, r0, [r5], #8\n vadd.i32 q0, q0, r4\n"
    "vadd.i32 q1, q1, r4\n tn_store_8 r11\n ldr r6, [sp, #24]\n add r7, r7, r9\n tn_vector_end tn_vector_block_8x16\n"

    "tn_vector_begin tn_vector_block_4, 36\n vctp.32 r10\n"
    "1: ldr r0, [r5], #4\n ldrd r3, r9, [sp]\n mov r2, r0\n mov r4, r0\n mov r6, r0\n ldr pc, [sp, #8]\n .balign 4\n"
    "2: .rept 4\n tn_dots_4\n .endr\n subs r9, r9, #1\n bne.w 2b\n"
    "vmov d0, r0, r2\n vmov d1, r4, r6\n ldr r0, [r5], #4\n ldrd r4, r8, [sp, #12]\n ldrd r2, r6, [sp, #20]\n"
    "vqrdmulh.s32 q0, q0, r0\n vadd.i32 q0, q0, r2\n vqmovnb.s32 q0, q0\n vqmovnb.s16 q0, q0\n vpst\n vstrbt.32 q0, [r7]\n"
    "sub r1, r1, r4\n add r7, r7, r8\n tn_vector_end tn_vector_block_4\n");

/* `blocks` times 2 * `pairs` planes, `width` apart, two at a time: `places` of the values of one, of the next. */
static inline void tn_gather_planes(int8_t *to, const int8_t *row, int width, int blocks, int pairs, int block_bytes,
                                    mve_pred16_t present) {
  const uint16x8_t places = vmulq_n_u16(vidupq_n_u16(0, 1), kLanes), next_places = vaddq_n_u16(places, 1);
  const int8_t *next = row + width;
  const int skip = block_bytes - 2 * pairs;
  __asm__ volatile(
      "vmsr p0, %[present]\n"
      "2: dls lr, %[pairs]\n"
      "1: vpstttt\n vldrbt.u16 q0, [%[row]]\n vldrbt.u16 q1, [%[next]]\n"
      "vstrbt.16 q0, [%[to], %q[places]]\n vstrbt.16 q1, [%[to], %q[next_places]]\n"
      "add %[row], %[row], %[width], lsl #1\n add %[next], %[next], %[width], lsl #1\n add %[to], %[to], #2\n le lr, 1b\n"
      "add %[to], %[to], %[skip]\n subs %[blocks], %[blocks], #1\n bne 2b"
      : [row] "+l"(row), [next] "+l"(next), [to] "+r"(to), [blocks] "+r"(blocks)
      : [width] "r"(width), [pairs] "r"(pairs), [skip] "r"(skip), [present] "r"((uint32_t)present), [places] "w"(places),
        [next_places] "w"(next_places)
      : "lr", "q0", "q1", "cc", "memory");
}

/* The inputs of eight or four outputs, of which `pixels` are in the row; the others' are whatever stands there. */
static void tn_gather_vectors(int8_t *to, const int8_t *row, int in_c, int width, int pixels, int outputs) {
  const mve_pred16_t present = vctp16q((uint32_t)pixels);
  const int blocks = in_c / kLanes, block_bytes = outputs * kLanes, left = in_c % kLanes;
  if (blocks > 0) tn_gather_planes(to, row, width, blocks, kLanes / 2, block_bytes, present);
  if (left == 0) return;
  to += blocks * block_bytes;
  row += blocks * kLanes * width;
  memset(to, 0, (size_t)block_bytes);
  if (left >= 2) tn_gather_planes(to, row, width, 1, left / 2, block_bytes, present);
  if (left % 2 == 1)
    for (int p = 0; p < pixels; ++p) to[p * kLanes + left - 1] = row[(left - 1) * width + p];
}

static void tn_conv1x1_mve(const tn_conv1x1_x16_layer *layer, const int8_t *row, int8_t *out, int8_t *inputs) {
  const int width = layer->w, blocks = (layer->in_c + kLanes - 1) / kLanes;
  tn_vector_task task = {.inputs = inputs,
                         .rounds = (blocks + kUnrolled - 1) / kUnrolled,
                         .rewind = blocks == 1 ? 0 : blocks * kLanes - layer->in_c,
                         .out_w = width,
                         .zero_point = layer->out_zero_point,
                         .channels_end = layer->channels + 2 * layer->out_c,
                         .weights = layer->weights,
                         .channels = layer->channels,
                         .skip = -blocks & (kUnrolled - 1)};
  for (int x = 0; x < width; x += task.pixels) {
    const int left = width - x, outputs = left > 4 ? 8 : 4;
    task.pixels = left < outputs ? left : outputs;
    task.out = out + x;
    tn_gather_vectors(inputs, row + x, layer->in_c, width, task.pixels, outputs);
    if (outputs == 4) {
      tn_vector_block_4(&task);
    } else if (blocks == 1) {
      tn_vector_block_8x16(&task);
    } else {
      tn_vector_block_8(&task);
    }
  }
}

/* Four rows of weights times the inputs, in a tail-predicated loop: lanes beyond `count` neither load nor add. */
static inline int32x4_t tn_dot_4(const int8_t *weights, const int8_t *in, int count) {
  register int32_t a __asm__("r0") = 0, b __asm__("r2") = 0, c __asm__("r4") = 0, d __asm__("r6") = 0;
  const int8_t *wb = weights + count, *wc = wb + count, *wd = wc + count;
  __asm__("dlstp.8 lr, %[count]\n"
          "1: vldrb.u8 q0, [%[in]], #16\n vldrb.u8 q1, [%[wa]], #16\n vmlava.s8 %[a], q0, q1\n"
          "vldrb.u8 q1, [%[wb]], #16\n vmlava.s8 %[b], q0, q1\n vldrb.u8 q1, [%[wc]], #16\n vmlava.s8 %[c], q0, q1\n"
          "vldrb.u8 q1, [%[wd]], #16\n vmlava.s8 %[d], q0, q1\n letp lr, 1b"
          : [a] "+r"(a), [b] "+r"(b), [c] "+r"(c), [d] "+r"(d), [wa] "+r"(weights), [wb] "+r"(wb), [wc] "+r"(wc),
            [wd] "+r"(wd), [in] "+r"(in)
          : [count] "r"(count)
          : "lr", "q0", "q1", "memory");
  return (int32x4_t){a, b, c, d};
}

/* The first channels of a dense layer, four at a time; returns how many. */
static int tn_dense_mve(const tn_conv1x1_x16_layer *layer, const int8_t *in, int8_t *out) {
  const int stride = layer->in_c < kLanes ? kLanes : layer->in_c, whole = layer->out_c & ~3;
  const int8_t *weights = layer->weights;
  if (stride != layer->in_c) return 0; /* rows of weights with gaps */
  for (int o = 0; o < whole; o += 4, weights += 4 * stride) {
    const int32x4x2_t constants = vld2q_s32(layer->channels + 2 * o); /* biases, multipliers */
    const int32x4_t sums = vaddq_s32(tn_dot_4(weights, in, layer->in_c), constants.val[0]);
    const int32x4_t q = vaddq_n_s32(vqrdmulhq_s32(sums, constants.val[1]), layer->out_zero_point);
    vstrbq_s32(out + o, vminq_s32(vmaxq_s32(q, vdupq_n_s32(-128)), vdupq_n_s32(127)));
  }
  return whole;
}

#endif
