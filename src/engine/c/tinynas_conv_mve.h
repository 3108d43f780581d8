/* The vector form of tinynas_conv_x16.c: two output channels of up to four neighbouring outputs at once, 16
 * inputs an instruction.
 *
 * The inputs of the outputs are gathered as [16 inputs ...][output][16], with zeros behind the last: weights
 * read there belong to the next channel (or, behind the last, to the array's padding) and count for nothing.
 * VMLAV sums 16 products into one register, even ones only, as it asks: so eight sums. Assembly, because
 * compilers spill here. */
#ifndef TINYNAS_CONV_MVE_H
#define TINYNAS_CONV_MVE_H

#include <arm_mve.h>

#include "tinynas_arith.h"
#include "tinynas_kernels.h"

enum { kLanes = 16, kMostPixels = 4, kUnrolled = 4 };

/* What the assembly reads: the order of the fields is that of its registers and of its stack frame. */
typedef struct {
  const int8_t *weights;
  int8_t *out;
  const int32_t *channels;
  const int8_t *inputs;        /* frame: 0 */
  int32_t vectors;             /* 4: of inputs of an output, beyond the first */
  int32_t row, rewind;         /* 8, 12: bytes of a channel's weights; by which vectors read beyond them */
  int32_t zero_point, pair;    /* 16, 20: bytes of a pair's outputs in the row */
  const int32_t *channels_end; /* 24 */
  int32_t rounds, skip; /* of four outputs: 28, rounds of kUnrolled vectors beyond the first, and 32, what the
                           first of these leaves out; the assembly keeps its entry there */
  uint32_t places[4];   /* of a pair's outputs in turn: two halfwords each */
} tn_vector_task;

/* All pairs of channels for 1 to 4 outputs; tn_vector_pairs_16: for 4, of up to 16 inputs. With row = 0 both
 * channels of a pair are the same: that is how a last odd one is done. */
typedef void tn_vector_pairs(const tn_vector_task *task);
tn_vector_pairs tn_vector_pairs_1, tn_vector_pairs_2, tn_vector_pairs_3, tn_vector_pairs_4,
    tn_vector_pairs_16;

/* Registers: r1 and r5 weights of the pair, r3 inputs, r7 out, r11 constants. Sums of four outputs in r0, r2,
 * r4, r6 and r8, r10, r12, lr, and r9 counts rounds; with fewer outputs lr counts, r9 is `pair`, r12 the zero
 * point. q4 holds the places. */
/* clang-format off */
#define TN_BEGIN_PAIRS(NAME)            \
  TN_ASM_BEGIN(NAME)                    \
  "  push         {r4-r11, lr}\n"       \
  "  vpush        {d8-d15}\n"           \
  "  ldm          r0!, {r1, r7, r11}\n" \
  "  vldrw.u32    q4, [r0, #36]\n"
#define TN_END_PAIRS(NAME)        \
  "  vpop         {d8-d15}\n"     \
  "  pop          {r4-r11, pc}\n" \
  TN_ASM_END(NAME)
#define TN_PUSH_FRAME                         \
  "  sub          sp, sp, #36\n"              \
  "  ldm          r0, {r2-r6, r8-r10, r12}\n" \
  "  stm          sp, {r2-r6, r8-r10, r12}\n" \
  "  add          r5, r1, r4\n"
#define TN_POP_FRAME \
  "  add          sp, sp, #36\n"

/* One vector of inputs of an output meets both channels' weights; OP is vmlav.s8 or, to go on, vmlava.s8. */
#define TN_DOTS(OP, X, A, B)             \
  "  vldrb.u8     " #X ", [r3], #16\n"   \
  "  " #OP "     " #A ", q0, " #X "\n" \
  "  " #OP "     " #B ", q1, " #X "\n"
#define TN_PAIR_WEIGHTS            \
  "  vldrb.u8     q0, [r1], #16\n" \
  "  vldrb.u8     q1, [r5], #16\n"
#define TN_STEP_4(OP)      \
  TN_PAIR_WEIGHTS          \
  TN_DOTS(OP, q2, r0, r8)  \
  TN_DOTS(OP, q3, r2, r10) \
  TN_DOTS(OP, q2, r4, r12) \
  TN_DOTS(OP, q3, r6, lr)
#define TN_STEP_3(OP)      \
  TN_PAIR_WEIGHTS          \
  TN_DOTS(OP, q2, r0, r6)  \
  TN_DOTS(OP, q3, r2, r8)  \
  TN_DOTS(OP, q2, r4, r10)
#define TN_STEP_2(OP)     \
  TN_PAIR_WEIGHTS         \
  TN_DOTS(OP, q2, r0, r6) \
  TN_DOTS(OP, q3, r2, r8)
#define TN_STEP_1(OP)     \
  TN_PAIR_WEIGHTS         \
  TN_DOTS(OP, q2, r0, r6)

/* Sums to lanes: the first channel's q0, the second's q1. */
#define TN_SUMS_4                \
  "  vmov         d0, r0, r2\n"  \
  "  vmov         d1, r4, r6\n"  \
  "  vmov         d2, r8, r10\n" \
  "  vmov         d3, r12, lr\n"
#define TN_SUMS_3               \
  "  vmov         d0, r0, r2\n" \
  "  vmov.32      q0[2], r4\n"  \
  "  vmov         d2, r6, r8\n" \
  "  vmov.32      q1[2], r10\n"
#define TN_SUMS_2               \
  "  vmov         d0, r0, r2\n" \
  "  vmov         d2, r6, r8\n"
#define TN_SUMS_1              \
  "  vmov.32      q0[0], r0\n" \
  "  vmov.32      q1[0], r6\n"
/* Biases and multipliers; then the channels' outputs alternate in q0. */
#define TN_SCALE_PAIR(ZERO_POINT)            \
  "  ldm          r11!, {r0, r2, r4, r6}\n"  \
  "  vadd.i32     q0, q0, r0\n"              \
  "  vadd.i32     q1, q1, r4\n"              \
  "  vqrdmulh.s32 q0, q0, r2\n"              \
  "  vqrdmulh.s32 q1, q1, r6\n"              \
  "  vqmovnb.s32  q0, q0\n"                  \
  "  vqmovnt.s32  q0, q1\n"                  \
  "  vqadd.s16    q0, q0, " #ZERO_POINT "\n" \
  "  vqmovnb.s16  q0, q0\n"
#define TN_NEXT_PAIR                  \
  "  ldrd         r4, r6, [sp, #8]\n" \
  "  sub          r1, r5, r6\n"       \
  "  add          r5, r1, r4\n"       \
  "  ldr          r4, [sp, #24]\n"    \
  "  cmp          r11, r4\n"          \
  "  bne.w        1b\n"

__asm__(
    TN_BEGIN_PAIRS("tn_vector_pairs_4")
    TN_PUSH_FRAME
    "  adr.w        r2, 2f\n"
    "  movs         r3, #56\n"
    "  mla          r2, r12, r3, r2\n"
    "  orr          r2, r2, #1\n"
    "  str          r2, [sp, #32]\n"
    "1:\n"
    "  ldr          r3, [sp]\n"
    TN_STEP_4(vmlav.s8)
    "  ldr          r9, [sp, #28]\n"
    "  ldr          pc, [sp, #32]\n"
    ".balign 4\n"
    "2:\n"
    ".rept 4\n"
    TN_STEP_4(vmlava.s8)
    ".endr\n"
    "  subs         r9, r9, #1\n"
    "  bne.w        2b\n"
    TN_SUMS_4
    "  ldrd         r8, r9, [sp, #16]\n"
    TN_SCALE_PAIR(r8)
    "  vstrb.16     q0, [r7, q4]\n"
    "  add          r7, r7, r9\n"
    TN_NEXT_PAIR
    TN_POP_FRAME
    TN_END_PAIRS("tn_vector_pairs_4"));

#define TN_FEWER_PAIRS(NAME, PIXELS, STEP, SUMS) \
  TN_BEGIN_PAIRS(NAME)                           \
  TN_PUSH_FRAME                                  \
  "  ldrd         r12, r9, [sp, #16]\n"          \
  "  movs         r0, #2 * " #PIXELS "\n"        \
  "  vctp.16      r0\n"                          \
  "1:\n"                                         \
  "  ldrd         r3, lr, [sp]\n"                \
  STEP(vmlav.s8)                                 \
  "  wls          lr, lr, 3f\n"                  \
  "2:\n"                                         \
  STEP(vmlava.s8)                                \
  "  le           lr, 2b\n"                      \
  "3:\n"                                         \
  SUMS                                           \
  TN_SCALE_PAIR(r12)                             \
  "  vpst\n"                                     \
  "  vstrbt.16    q0, [r7, q4]\n"                \
  "  add          r7, r7, r9\n"                  \
  TN_NEXT_PAIR                                   \
  TN_POP_FRAME                                   \
  TN_END_PAIRS(NAME)
__asm__(TN_FEWER_PAIRS("tn_vector_pairs_3", 3, TN_STEP_3, TN_SUMS_3));
__asm__(TN_FEWER_PAIRS("tn_vector_pairs_2", 2, TN_STEP_2, TN_SUMS_2));
__asm__(TN_FEWER_PAIRS("tn_vector_pairs_1", 1, TN_STEP_1, TN_SUMS_1));

/* The inputs stay in q2, q3, q5, q6; r5 is the end of the constants, q7 the zero point. */
__asm__(
    TN_BEGIN_PAIRS("tn_vector_pairs_16")
    "  ldr          r3, [r0]\n"
    "  ldrd         r2, r9, [r0, #16]\n"
    "  ldr          r5, [r0, #24]\n"
    "  vdup.16      q7, r2\n"
    "  vldrb.u8     q2, [r3], #16\n"
    "  vldrb.u8     q3, [r3], #16\n"
    "  vldrb.u8     q5, [r3], #16\n"
    "  vldrb.u8     q6, [r3], #16\n"
    "1:\n"
    "  vldrb.u8     q0, [r1], #16\n"
    "  vldrb.u8     q1, [r1], #16\n"
    "  vmlav.s8     r0, q0, q2\n"
    "  vmlav.s8     r2, q0, q3\n"
    "  vmlav.s8     r4, q0, q5\n"
    "  vmlav.s8     r6, q0, q6\n"
    "  vmlav.s8     r8, q1, q2\n"
    "  vmlav.s8     r10, q1, q3\n"
    "  vmlav.s8     r12, q1, q5\n"
    "  vmlav.s8     lr, q1, q6\n"
    TN_SUMS_4
    TN_SCALE_PAIR(q7)
    "  vstrb.16     q0, [r7, q4]\n"
    "  add          r7, r7, r9\n"
    "  cmp          r11, r5\n"
    "  bne.w        1b\n"
    TN_END_PAIRS("tn_vector_pairs_16"));
/* clang-format on */

/* How many of the `left` outputs of a row the next tile makes. */
static inline int tn_vector_pixels(int left) {
  return left == 5 ? 3 : left < kMostPixels ? left : kMostPixels;
}

/* Places of 16 planes, or of 8 planes where a byte cannot tell, that lie `width` apart. */
typedef struct {
  int far;
  uint16x8_t places;
} tn_planes;

static inline tn_planes tn_planes_of(int width) {
  if (width * (kLanes - 1) > UINT8_MAX)
    return (tn_planes){1, vmulq_n_u16(vidupq_n_u16(0, 1), (uint16_t)width)};
  return (tn_planes){0, vreinterpretq_u16_u8(vmulq_n_u8(vidupq_n_u8(0, 1), (uint8_t)width))};
}

/* The inputs of four neighbours, and of one, whose vectors are `step` bytes apart; what is behind the last
 * stays. */
static inline void tn_gather_4(int8_t *to, const int8_t *in, int in_c, int width, tn_planes planes) {
  const int8_t *in1 = in + 1, *in2 = in + 2, *in3 = in + 3;
  const uint16x8_t places = planes.places;
  if (planes.far) {
    int next = kLanes / 2;
    __asm__ volatile(
        "  dlstp.16     lr, %[in_c]\n"
        "1:\n"
        "  vldrb.u16    q0, [%[in], %q[places]]\n"
        "  vldrb.u16    q1, [%[in1], %q[places]]\n"
        "  vstrb.16     q0, [%[to]]\n"
        "  vstrb.16     q1, [%[to], #16]\n"
        "  vldrb.u16    q0, [%[in2], %q[places]]\n"
        "  vldrb.u16    q1, [%[in3], %q[places]]\n"
        "  vstrb.16     q0, [%[to], #32]\n"
        "  vstrb.16     q1, [%[to], #48]\n"
        "  add          %[in], %[in], %[step]\n"
        "  add          %[in1], %[in1], %[step]\n"
        "  add          %[in2], %[in2], %[step]\n"
        "  add          %[in3], %[in3], %[step]\n"
        "  add          %[to], %[to], %[next]\n"
        "  eor          %[next], %[next], #48\n"
        "  letp         lr, 1b" /* 8 bytes on, then 56 */
        : [in] "+r"(in), [in1] "+r"(in1), [in2] "+r"(in2), [in3] "+r"(in3), [to] "+l"(to), [next] "+r"(next)
        : [in_c] "r"(in_c), [step] "r"(kLanes / 2 * width), [places] "w"(places)
        : "lr", "q0", "q1", "cc", "memory");
  } else {
    __asm__ volatile(
        "  dlstp.8      lr, %[in_c]\n"
        "1:\n"
        "  vldrb.u8     q0, [%[in], %q[places]]\n"
        "  vldrb.u8     q1, [%[in1], %q[places]]\n"
        "  vstrb.8      q0, [%[to]], #16\n"
        "  vstrb.8      q1, [%[to]], #16\n"
        "  vldrb.u8     q0, [%[in2], %q[places]]\n"
        "  vldrb.u8     q1, [%[in3], %q[places]]\n"
        "  vstrb.8      q0, [%[to]], #16\n"
        "  vstrb.8      q1, [%[to]], #16\n"
        "  add          %[in], %[in], %[step]\n"
        "  add          %[in1], %[in1], %[step]\n"
        "  add          %[in2], %[in2], %[step]\n"
        "  add          %[in3], %[in3], %[step]\n"
        "  letp         lr, 1b"
        : [in] "+r"(in), [in1] "+r"(in1), [in2] "+r"(in2), [in3] "+r"(in3), [to] "+r"(to)
        : [in_c] "r"(in_c), [step] "r"(kLanes * width), [places] "w"(places)
        : "lr", "q0", "q1", "memory");
  }
}

static inline void tn_gather_1(int8_t *to, const int8_t *in, int in_c, int width, int step,
                               tn_planes planes) {
  const uint16x8_t places = planes.places;
  if (planes.far) {
    int next = kLanes / 2;
    __asm__ volatile(
        "  dlstp.16     lr, %[in_c]\n"
        "1:\n"
        "  vldrb.u16    q0, [%[in], %q[places]]\n"
        "  vstrb.16     q0, [%[to]]\n"
        "  add          %[in], %[in], %[planes]\n"
        "  add          %[to], %[to], %[next]\n"
        "  sub          %[next], %[step], %[next]\n"
        "  letp         lr, 1b" /* 8 bytes on, then the rest of the step */
        : [in] "+r"(in), [to] "+l"(to), [next] "+r"(next)
        : [in_c] "r"(in_c), [planes] "r"(kLanes / 2 * width), [step] "r"(step), [places] "w"(places)
        : "lr", "q0", "memory");
  } else {
    __asm__ volatile(
        "  dlstp.8      lr, %[in_c]\n"
        "1:\n"
        "  vldrb.u8     q0, [%[in], %q[places]]\n"
        "  vstrb.8      q0, [%[to]]\n"
        "  add          %[in], %[in], %[planes]\n"
        "  add          %[to], %[to], %[step]\n"
        "  letp         lr, 1b"
        : [in] "+r"(in), [to] "+r"(to)
        : [in_c] "r"(in_c), [planes] "r"(kLanes * width), [step] "r"(step), [places] "w"(places)
        : "lr", "q0", "memory");
  }
}

/* The channels of a row's tiles: pairs, and a last odd one as a pair of its own. */
typedef struct {
  tn_vector_task pairs, odd;
  int32_t odd_channels[4];
  int has_pairs, has_odd;
} tn_row_task;

static void tn_begin_row(tn_row_task *row, const int8_t *weights, const int32_t *channels, int out_c,
                         int inputs_count, const int8_t *inputs, int zero_point, int out_w) {
  const int vectors = (inputs_count - 1) / kLanes, pairs = out_c / 2;
  const int rounds = vectors == 0 ? 1 : (vectors + kUnrolled - 1) / kUnrolled;
  row->pairs = (tn_vector_task){.weights = weights,
                                .channels = channels,
                                .inputs = inputs,
                                .vectors = vectors,
                                .row = vectors == 0 ? kLanes : inputs_count,
                                .rewind = vectors == 0 ? 0 : (vectors + 1) * kLanes - inputs_count,
                                .zero_point = zero_point,
                                .pair = 2 * out_w,
                                .channels_end = channels + 4 * pairs,
                                .rounds = rounds,
                                .skip = rounds * kUnrolled - vectors};
  for (uint32_t p = 0; p < kMostPixels; ++p) row->pairs.places[p] = p | (p + (uint32_t)out_w) << 16;
  row->has_pairs = pairs > 0;
  row->has_odd = out_c % 2;
  if (!row->has_odd) return;
  const int32_t *const last = row->pairs.channels_end;
  row->odd = row->pairs;
  row->odd.weights += 2 * pairs * row->pairs.row;
  row->odd.channels = row->odd_channels;
  row->odd.channels_end = row->odd_channels + 4;
  row->odd.row = 0;
  for (uint32_t p = 0; p < kMostPixels; ++p) row->odd.places[p] = p | p << 16;
  row->odd_channels[0] = row->odd_channels[2] = last[0];
  row->odd_channels[1] = row->odd_channels[3] = last[1];
}

/* All channels of `pixels` outputs. */
static inline void tn_run_tile(tn_row_task *row, int8_t *out, int pixels) {
  static tn_vector_pairs *const by_pixels[kMostPixels] = {tn_vector_pairs_1, tn_vector_pairs_2,
                                                          tn_vector_pairs_3, tn_vector_pairs_4};
  tn_vector_pairs *const run = by_pixels[pixels - 1];
  if (row->has_pairs) {
    row->pairs.out = out;
    if (pixels == kMostPixels && row->pairs.vectors == 0) {
      tn_vector_pairs_16(&row->pairs);
    } else {
      run(&row->pairs);
    }
  }
  if (row->has_odd) {
    row->odd.out = out + (row->pairs.channels_end - row->pairs.channels) / 4 * row->pairs.pair;
    run(&row->odd);
  }
}

static void tn_conv1x1_mve(const tn_conv1x1_x16_layer *layer, const int8_t *in, int8_t *out, int8_t *inputs) {
  const int width = layer->w, in_c = layer->in_c;
  const tn_planes planes = tn_planes_of(width);
  tn_row_task row;
  tn_begin_row(&row, layer->weights, layer->channels, layer->out_c, in_c, inputs, layer->out_zero_point,
               width);
  for (int x = 0, pixels = 0; x < width; x += pixels) {
    const int before = pixels;
    pixels = tn_vector_pixels(width - x);
    if (in_c % kLanes != 0 &&
        pixels != before) /* the last vectors of inputs stand at another place: zeros behind them */
      for (int p = 0; p < pixels; ++p)
        vstrbq_s8(inputs + (in_c / kLanes * pixels + p) * kLanes, vdupq_n_s8(0));
    if (pixels == kMostPixels) {
      tn_gather_4(inputs, in + x, in_c, width, planes);
    } else {
      for (int p = 0; p < pixels; ++p)
        tn_gather_1(inputs + p * kLanes, in + x + p, in_c, width, pixels * kLanes, planes);
    }
    tn_run_tile(&row, out + x, pixels);
  }
}

/* Windows are gathered in chunks, bytes that stand side by side in a row: a kernel row of one plane, or of
 * all channels where they are interleaved. */
typedef struct {
  const int8_t *const *rows; /* those in the image: kernel rows from `above` on */
  int row_count, above;
  int bytes, planes, plane_bytes;
  int8x16_t outside;
} tn_chunks;

static inline tn_chunks tn_chunks_of(const tn_conv_x16_layer *layer, const int8_t *const rows[], int planes,
                                     int interleaved) {
  int above = 0, end = layer->kernel_h;
  while (above < end && !rows[above]) ++above;
  while (end > above && !rows[end - 1]) --end;
  return (tn_chunks){.rows = rows + above,
                     .row_count = end - above,
                     .above = above,
                     .bytes = layer->kernel_w * interleaved,
                     .planes = planes,
                     .plane_bytes = layer->in_w * interleaved,
                     .outside = vdupq_n_s8((int8_t)layer->in_zero_point)};
}

/* Bytes [from, end) of a vector. */
static inline uint32_t tn_lanes(int from, int end) {
  const uint32_t below = from > 0 ? vctp8q((uint32_t)from) : 0u;
  return end > 0 ? vctp8q((uint32_t)end) & ~below : 0u;
}

/* Up to 16 bytes of `count` chunks that stand `plane` bytes apart, `inside` the image or not. The assembly
 * sets predicates, which no code of the compiler around it uses. */
static inline int8_t *tn_gather_planes(const int8_t *in, int plane, int count, int bytes, uint32_t inside,
                                       int8x16_t outside, int8_t *to) {
  __asm__ volatile(
      "  vmsr         p0, %[inside]\n"
      "  dls          lr, %[count]\n"
      "1:\n"
      "  vpst\n"
      "  vldrbt.u8    q0, [%[in]]\n"
      "  vpsel        q0, q0, %q[outside]\n"
      "  vstrb.8      q0, [%[to]]\n"
      "  add          %[in], %[in], %[plane]\n"
      "  add          %[to], %[to], %[bytes]\n"
      "  le           lr, 1b"
      : [in] "+r"(in), [to] "+r"(to)
      :
      [inside] "r"(inside), [count] "r"(count), [plane] "r"(plane), [bytes] "r"(bytes), [outside] "w"(outside)
      : "lr", "q0", "memory");
  return to;
}

/* The window of single chunks of up to 16 bytes that begins at byte `first` of the rows, inside the image. */
static inline void tn_gather_inside(const tn_chunks *chunks, int first, int8_t *to) {
  const int8_t *const *row = chunks->rows;
  const int8_t *in;
  to += chunks->above * chunks->bytes;
  __asm__ volatile(
      "  vctp.8       %[bytes]\n"
      "  dls          lr, %[count]\n"
      "1:\n"
      "  ldr          %[in], [%[row]], #4\n"
      "  add          %[in], %[in], %[first]\n"
      "  vpst\n"
      "  vldrbt.u8    q0, [%[in]]\n"
      "  vstrb.8      q0, [%[to]]\n"
      "  add          %[to], %[to], %[bytes]\n"
      "  le           lr, 1b"
      : [row] "+r"(row), [to] "+r"(to), [in] "=&r"(in)
      : [count] "r"(chunks->row_count), [first] "r"(first), [bytes] "r"(chunks->bytes)
      : "lr", "q0", "memory");
}

/* Any window. Parts beyond the first 16 bytes of a chunk come first: what they write beyond it is written
 * again, and the last chunk is followed by up to 15 bytes `outside`. */
static __attribute__((noinline)) void tn_gather_window(const tn_chunks *chunks, int first, int8_t *to) {
  const int bytes = chunks->bytes, end = chunks->plane_bytes - first;
  to += chunks->above * chunks->planes * bytes;
  for (int i = (bytes - 1) / kLanes * kLanes; i >= 0; i -= kLanes) {
    const int left = bytes - i, inside_end = end - i < left ? end - i : left;
    const uint32_t inside = tn_lanes(-first - i, inside_end);
    int8_t *part = to + i;
    for (int r = 0; r < chunks->row_count; ++r)
      part = tn_gather_planes(chunks->rows[r] + first + i, chunks->plane_bytes, chunks->planes, bytes, inside,
                              chunks->outside, part);
  }
}

/* The inputs of `pixels` outputs from one window after the other; returns where the next one begins. */
static int tn_gather_windows(const tn_chunks *chunks, int first, int step, int pixels, int count,
                             int8_t *window, int8_t *inputs) {
  const int last_inside = chunks->plane_bytes - chunks->bytes;
  const int single = chunks->bytes <= kLanes &&
                     chunks->row_count * chunks->bytes == count; /* no plane but one, no row missing */
  for (int p = 0; p < pixels; ++p, first += step) {
    if (single && first >= 0 && first <= last_inside) {
      tn_gather_inside(chunks, first, window);
    } else {
      tn_gather_window(chunks, first, window);
    }
    vstrbq_s8(window + count, vdupq_n_s8(0));
    int8_t *to = inputs + p * kLanes;
    for (int k = 0; k < count; k += kLanes, to += pixels * kLanes) vstrbq_s8(to, vldrbq_s8(window + k));
  }
  return first;
}

static void tn_conv_mve(const tn_conv_x16_layer *layer, const int8_t *const rows[], int8_t *out,
                        int8_t *scratch, int planes, int interleaved) {
  const int width = layer->out_w, count = layer->kernel_h * layer->kernel_w * layer->in_c;
  const int padded = (count + kLanes - 1) / kLanes * kLanes, step = layer->stride_w * interleaved;
  const tn_chunks chunks = tn_chunks_of(layer, rows, planes, interleaved);
  int8_t *const inputs = scratch + padded + kLanes; /* behind one window */
  if (chunks.row_count < layer->kernel_h)           /* the rows that are not gathered */
    for (int k = 0; k < padded; k += kLanes) vstrbq_s8(scratch + k, chunks.outside);
  tn_row_task row;
  tn_begin_row(&row, layer->weights, layer->channels, layer->out_c, count, inputs, layer->out_zero_point,
               width);
  int pixels, first = -layer->pad_left * interleaved;
  for (int x = 0; x < width; x += pixels) {
    pixels = tn_vector_pixels(width - x);
    first = tn_gather_windows(&chunks, first, step, pixels, count, scratch, inputs);
    tn_run_tile(&row, out + x, pixels);
  }
}

/* Four rows of weights times the inputs, in a tail-predicated loop: lanes beyond `count` neither load nor
 * add. */
static inline int32x4_t tn_dot_4(const int8_t *weights, const int8_t *in, int count) {
  register int32_t a __asm__("r0") = 0, b __asm__("r2") = 0, c __asm__("r4") = 0, d __asm__("r6") = 0;
  const int8_t *wb = weights + count, *wc = wb + count, *wd = wc + count;
  __asm__(
      "  dlstp.8      lr, %[count]\n"
      "1:\n"
      "  vldrb.u8     q0, [%[in]], #16\n"
      "  vldrb.u8     q1, [%[wa]], #16\n"
      "  vmlava.s8    %[a], q0, q1\n"
      "  vldrb.u8     q1, [%[wb]], #16\n"
      "  vmlava.s8    %[b], q0, q1\n"
      "  vldrb.u8     q1, [%[wc]], #16\n"
      "  vmlava.s8    %[c], q0, q1\n"
      "  vldrb.u8     q1, [%[wd]], #16\n"
      "  vmlava.s8    %[d], q0, q1\n"
      "  letp         lr, 1b"
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
