/* Row kernels: each makes one output row of a layer from the input rows it needs.
 *
 * Rows inside the network are planar, [C][W]; only the rows that the firmware pushes are interleaved, [W][C],
 * as cameras deliver them. Rows may stand at any address. Constant data is packed offline
 * (tinynas/engine/pack.h) in one format that every form of a kernel reads.
 *
 * Arithmetic, equal on every core, in 64 bits:
 *   q = saturate_int8(out_zero_point + (((acc << shift) * multiplier + 2^31) >> 32))
 * The x16 and tiles kernels, for cores with vectors, double the product first:
 *   q = saturate_int8(out_zero_point + (((acc << shift) * multiplier + 2^30) >> 31))
 * The packer proves from the weights that (acc << shift) fits int32. The input's zero point is folded into
 * the bias.
 *
 * Names that mean the same in every layer:
 *   rows        rows[k] is the input row under kernel row k, NULL where that row lies outside the image
 *   out         the output row, [out_c][out_w]; may be an input row only where the kernel says so
 *   scratch     bytes that the kernel may overwrite, aligned to 4; how many, the planner knows
 *   c, w        channels and columns of a row: of input and output, if they are equal; 1 to 32767
 *   in_, out_   the same of the input and of the output
 *   weights     in [-127, 127]
 *   ..._zero_point    in [-128, 127]
 *   multiplier        in [1, 2^31)
 *   shifts            a byte per output channel, in [0, 31]; NULL when all are 0, as they are unless a
 *                     channel's scale is 0.5 or more (of x16 and tiles kernels 1 or more)
 *   kernel_h, kernel_w, stride_w, pad_left    of the window; the columns that lie outside the image read as
 *                     in_zero_point; stride_w >= 1, pad_left < kernel_w
 */
#ifndef TINYNAS_KERNELS_H
#define TINYNAS_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/* The form of the kernels that this compiler builds. It decides how much scratch they use: portable <= DSP,
 * so an arena planned for a higher form serves a lower one, never the reverse (model.c checks). */
#define TN_FORM_PORTABLE 0
#define TN_FORM_DSP 1
#define TN_FORM_MVE 2
#if defined(__ARM_FEATURE_MVE) && !defined(TN_PORTABLE)
#define TN_FORM TN_FORM_MVE
#elif defined(__ARM_FEATURE_DSP) && defined(__thumb2__) && !defined(TN_PORTABLE)
#define TN_FORM TN_FORM_DSP
#else
#define TN_FORM TN_FORM_PORTABLE
#endif

/* The kernels are tuned for -O2, and their assembly needs registers that -O0 and -Os keep for themselves. So
 * GCC compiles what includes this header that way. */
#if defined(__GNUC__) && !defined(__clang__) && (!defined(__OPTIMIZE__) || defined(__OPTIMIZE_SIZE__))
#pragma GCC optimize("O2", "omit-frame-pointer")
#endif

/* Before the definition of every function that models share. Each model brings the files it needs; where the
 * linker takes all files of several, the first definition serves all (tinynas_runtime.h: of one version). */
#define TN_SHARED __attribute__((weak))

/* Code that is made for the sizes of a layer (tinynas_*_unrolled.h) and stands in model.c; a layer names it
 * by this. The portable form has none. */
#if TN_FORM == TN_FORM_PORTABLE
#define TN_UNROLLED(NAME) 0
#else
#define TN_UNROLLED(NAME) NAME
#endif

/* What stands around the body of a function in assembly; NAME is a string. */
/* clang-format off */
#define TN_ASM_BEGIN(NAME)                       \
  ".syntax unified\n"                            \
  ".thumb\n"                                     \
  ".section .text." NAME ", \"ax\", %progbits\n" \
  ".balign 4\n"                                  \
  ".type " NAME ", %function\n"                  \
  ".thumb_func\n"                                \
  NAME ":\n"
#define TN_ASM_END(NAME)            \
  ".size " NAME ", . - " NAME "\n" \
  ".text\n"
/* clang-format on */

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Convolutions and dense layers, by pairs of output channels ----
 *
 * `weights` is a stream of int32 with, for each pair of output channels (a, b):
 *   bias a | K/2 words | multiplier a | multiplier b | bias b        K: inputs, rounded up to four
 * A word holds two halves, the first input in the low one; a half is weight_a + 256 * weight_b as an int16.
 * An odd last channel is paired with zeros. Needs sum |weight_b| < 2^16.
 * Inputs of a window come in chunks that stand side by side in memory: whole words of all chunks first, each
 * in the order of its bytes 0 2 1 3, then what is left of each chunk. */

/* 1x1, stride 1, no padding: a chunk is a channel. Format of rows: [in_c][w]; out: [out_c][w]. */
typedef struct {
  const int32_t *weights;
  const uint8_t *shifts;
  int16_t in_c, out_c, w, out_zero_point;
} tn_conv1x1_layer;
void tn_conv1x1(const tn_conv1x1_layer *layer, const int8_t *const rows[], int8_t *out, void *scratch);

/* Fully connected: all inputs are one chunk. Format of in: [in_c]; out: [out_c]; w is 1. The stream has two
 * pairs of channels (a, b) and (c, d) at a time,
 *   bias a | bias c | K/2 times a word of (a, b) and one of (c, d) | multipliers a b c d | bias b | bias d
 * and pairs as above for what is left. */
void tn_dense(const tn_conv1x1_layer *layer, const int8_t *in, int8_t *out, void *scratch);

/* Any kernel, stride and padding. tn_conv: rows [in_c][in_w], a chunk is a kernel row of one channel.
 * tn_conv_input, the first layer: rows [in_w][in_c], a chunk is a kernel row of all channels. */
typedef struct {
  const int32_t *weights;
  const uint8_t *shifts;
  int16_t in_c, in_w, out_c, out_w;
  int16_t in_zero_point, out_zero_point;
  uint8_t kernel_h, kernel_w, stride_w, pad_left;
  /* tn_conv_input: gathers the window that begins at byte `first` of the rows and lies inside the image. */
  void (*unrolled)(int16_t *inputs, const int8_t *const rows[], int32_t first);
} tn_conv_layer;
void tn_conv(const tn_conv_layer *layer, const int8_t *const rows[], int8_t *out, void *scratch);
void tn_conv_input(const tn_conv_layer *layer, const int8_t *const rows[], int8_t *out, void *scratch);

/* ---- The same for cores that read 16 bytes at once ----
 *
 * Weights are plain rows of int8, one an output channel; a row of less than 16 is filled up with zeros. 15
 * bytes more, whatever they hold, end the array. */

typedef struct {
  const int8_t *weights;   /* [out_c][in_c] */
  const int32_t *channels; /* [out_c][2]: bias, multiplier */
  const uint8_t *shifts;
  int16_t in_c, out_c, w, out_zero_point;
} tn_conv1x1_x16_layer;
void tn_conv1x1_x16(const tn_conv1x1_x16_layer *layer, const int8_t *const rows[], int8_t *out,
                    void *scratch);
void tn_dense_x16(const tn_conv1x1_x16_layer *layer, const int8_t *in, int8_t *out, void *scratch);

typedef struct {
  const int8_t *weights;   /* [out_c][chunks of a window][bytes of a chunk] */
  const int32_t *channels; /* [out_c][2]: bias, multiplier */
  const uint8_t *shifts;
  int16_t in_c, in_w, out_c, out_w;
  int16_t in_zero_point, out_zero_point;
  uint8_t kernel_h, kernel_w, stride_w, pad_left;
} tn_conv_x16_layer;
void tn_conv_x16(const tn_conv_x16_layer *layer, const int8_t *const rows[], int8_t *out, void *scratch);
void tn_conv_input_x16(const tn_conv_x16_layer *layer, const int8_t *const rows[], int8_t *out,
                       void *scratch);

/* ---- Depthwise convolutions: rows [c][in_w], out [c][out_w] ---- */

/* Any kernel, stride and padding. */
typedef struct {
  const int8_t *weights;   /* [c][kernel_h][kernel_w] */
  const int32_t *channels; /* [c][2]: bias, multiplier */
  const uint8_t *shifts;
  int16_t c, in_w, out_w, in_zero_point, out_zero_point;
  uint8_t kernel_h, kernel_w, stride_w, pad_left;
} tn_depthwise_layer;
void tn_depthwise(const tn_depthwise_layer *layer, const int8_t *const rows[], int8_t *out, void *scratch);

/* 3x3, 5x5 and 7x7 with stride 1 or 2 along the row, for cores that read vectors. A channel's weights are the
 * first four kernel rows, column by column, then the others: of 5x5 the row and three zeros, of 7x7 three
 * rows as if they were four. Rows that are not there are zeros. The array is aligned to 4 and ends with 4
 * bytes more, whatever they hold. */
void tn_depthwise_tiles_3x3(const tn_depthwise_layer *layer, const int8_t *const rows[], int8_t *out,
                            void *scratch);
void tn_depthwise_tiles_5x5(const tn_depthwise_layer *layer, const int8_t *const rows[], int8_t *out,
                            void *scratch);
void tn_depthwise_tiles_7x7(const tn_depthwise_layer *layer, const int8_t *const rows[], int8_t *out,
                            void *scratch);

/* 3x3, 5x5 and 7x7 with stride 1 or 2 along the row, any padding. `weights` is a stream of int32 words, the
 * first byte lowest, with for each channel:
 *   3x3, in_w >= TN_WIDE_ROW    bias | left bias | right bias | multiplier | weights
 *   else                        multiplier | weights
 * Left and right bias are for windows whose left or right taps lie outside. Weights of 3x3 stand as
 *   w00 w10 w02 w12 | w20 w01 w22 w11 | w21
 * the others row by row. Of the last word they leave three bytes: w21 fills them with its sign in wide rows,
 * else they hold the bias, in [-2^23, 2^23).
 * In the bias of 3x3 the input's zero point is folded; the others take inputs less their zero point. */
#define TN_WIDE_ROW 16
struct tn_depthwise_task;
typedef struct {
  const int32_t *weights;
  const uint8_t *shifts;
  void (*unrolled)(const struct tn_depthwise_task *task); /* tinynas_depthwise_unrolled.h, or NULL */
  int16_t c, in_w, out_w, in_zero_point, out_zero_point;
  uint8_t stride_w, pad_left;
} tn_depthwise_square_layer;
void tn_depthwise_3x3(const tn_depthwise_square_layer *layer, const int8_t *const rows[], int8_t *out,
                      void *scratch);
void tn_depthwise_5x5(const tn_depthwise_square_layer *layer, const int8_t *const rows[], int8_t *out,
                      void *scratch);
void tn_depthwise_7x7(const tn_depthwise_square_layer *layer, const int8_t *const rows[], int8_t *out,
                      void *scratch);

/* ---- Pools ---- */

/* Mean over the image: begin, add every row [c][w] to sums[c], end. */
typedef struct {
  int32_t offset; /* -(in_zero_point + 128) * h * w: sums are those of value + 128 */
  int32_t multiplier;
  int16_t c, w, out_zero_point, shift;
  /* Planes of this width, if their count is a multiple of four; for rows at multiples of four bytes. */
  void (*unrolled)(const int8_t *row, int32_t *sums, const int32_t *sums_end);
} tn_global_pool_layer;
void tn_global_pool_begin(const tn_global_pool_layer *layer, int32_t *sums);
void tn_global_pool_row(const tn_global_pool_layer *layer, const int8_t *row, int32_t *sums);
void tn_global_pool_end(const tn_global_pool_layer *layer, const int32_t *sums, int8_t *out);

/* Average and maximum of a window, of the values inside the image. A value of channel c in column x stands at
 * c * channel_step + x * column_step of its row: planar, or the interleaved rows of the network's input. */
typedef struct {
  const int32_t *multipliers; /* average: [n - 1] for a window with n values inside the image */
  const uint8_t *shifts;      /* as multipliers */
  int16_t c, in_w, out_w, channel_step, column_step, in_zero_point, out_zero_point;
  uint8_t kernel_h, kernel_w, stride_w, pad_left;
} tn_window_pool_layer;
void tn_average_pool(const tn_window_pool_layer *layer, const int8_t *const rows[], int8_t *out,
                     void *scratch);
void tn_max_pool(const tn_window_pool_layer *layer, const int8_t *const rows[], int8_t *out, void *scratch);

/* ---- Values ---- */

/* q = saturate_int8((a * multiplier_a + b * multiplier_b + offset) >> shift); out may be a or b. Where b is
 * subtracted, multiplier_b is negative. */
typedef struct tn_add_layer {
  int32_t offset;
  int16_t multiplier_a, multiplier_b;
  int32_t shift; /* in [0, 31] */
  int32_t n;     /* bytes of a row: c * w */
  /* The first `words` * 4 outputs, for this shift. */
  void (*unrolled)(const int8_t *a, const int8_t *b, int8_t *out, int32_t words,
                   const struct tn_add_layer *layer);
} tn_add_layer;
void tn_add(const tn_add_layer *layer, const int8_t *a, const int8_t *b, int8_t *out);

/* The smaller or larger one: q = saturate_int8(max(a * multiplier_a + offset_a, ...) >> shift); out may be a
 * or b. */
typedef struct {
  int32_t offset_a, offset_b;
  int16_t multiplier_a, multiplier_b;
  int32_t shift; /* in [0, 31] */
  int32_t n;     /* bytes of a row: c * w */
} tn_extreme_layer;
void tn_minimum(const tn_extreme_layer *layer, const int8_t *a, const int8_t *b, int8_t *out);
void tn_maximum(const tn_extreme_layer *layer, const int8_t *a, const int8_t *b, int8_t *out);

/* (a - a_zero_point) * (b - b_zero_point), requantized. Format of a and out: [c][w]; of b: [c][w] too; of
 * factors: [c]. out may be a or b. */
typedef struct {
  int32_t multiplier;
  int16_t c, w, a_zero_point, b_zero_point, out_zero_point, shift;
} tn_mul_layer;
void tn_mul(const tn_mul_layer *layer, const int8_t *a, const int8_t *b, int8_t *out);
void tn_mul_channels(const tn_mul_layer *layer, const int8_t *a, const int8_t *factors, int8_t *out);

/* The channels of a, then those of b, each requantized; a multiplier of 0: values stay as they are. */
typedef struct {
  int32_t a_count, b_count; /* values of a and of b: channels * w */
  int32_t a_multiplier, b_multiplier;
  int16_t a_zero_point, b_zero_point, out_zero_point;
  uint8_t a_shift, b_shift;
} tn_concat_layer;
void tn_concat(const tn_concat_layer *layer, const int8_t *a, const int8_t *b, int8_t *out);

/* A row that is one of a or of b; the other is NULL. The two counts are one. */
void tn_concat_rows(const tn_concat_layer *layer, const int8_t *a, const int8_t *b, int8_t *out);

/* Channel i is channel map[i] of the input, or the zero point where that is -1. */
typedef struct {
  const int16_t *map; /* [out_c] */
  int32_t out_c;
  int16_t w, zero_point;
} tn_gather_layer;
void tn_gather(const tn_gather_layer *layer, const int8_t *in, int8_t *out, void *scratch);

/* Columns first, first + step, ... of each channel. */
typedef struct {
  int32_t c, in_w, out_w;
  int16_t first, step;
} tn_slice_layer;
void tn_slice(const tn_slice_layer *layer, const int8_t *in, int8_t *out, void *scratch);

/* Row `part` of those that hold the values of the input's rows in another shape: in the order of rows,
 * columns, channels nothing moves. */
typedef struct {
  int32_t in_c, out_c;
  int16_t in_w, out_w;
} tn_reshape_layer;
void tn_reshape(const tn_reshape_layer *layer, const int8_t *const rows[], int32_t part, int8_t *out);

/* Every value `factor` times. */
typedef struct {
  int32_t in_count, factor;
} tn_resize_nearest_layer;
void tn_resize_nearest(const tn_resize_nearest_layer *layer, const int8_t *in, int8_t *out, void *scratch);

/* A row of blocks that are `factor` wide. Format of in: [factor][c][w], the channels of this row of the
 * blocks; of out: [c][w * factor]. */
typedef struct {
  int16_t c, w; /* of out and of in */
  int32_t factor;
} tn_depth_to_space_layer;
void tn_depth_to_space(const tn_depth_to_space_layer *layer, const int8_t *in, int8_t *out, void *scratch);

/* q = saturate_int8(-128 + (512 * e + sum) / (2 * sum)), e = exponentials[largest - in], all unsigned; sum
 * and largest over the channels of a pixel. */
typedef struct {
  const uint32_t *exponentials; /* [256]: round(2^16 exp(-scale d)) */
  int16_t c, w;
} tn_softmax_layer;
void tn_softmax(const tn_softmax_layer *layer, const int8_t *in, int8_t *out, void *scratch);

/* Its logarithm: q = saturate_int8(out_zero_point + ((2^15 - (largest - in) * step - log) >> 16)), log =
 * log_step * log2(sum / 2^16). */
typedef struct {
  const uint32_t *exponentials; /* as of tn_softmax */
  int32_t step, log_step;
  int16_t c, w, out_zero_point;
} tn_log_softmax_layer;
void tn_log_softmax(const tn_log_softmax_layer *layer, const int8_t *in, int8_t *out, void *scratch);

/* out = table[in as uint8_t], the results of a function of every value: first those of 0..127, then of
 * -128..-1. out may be in. */
typedef struct {
  const int8_t *table; /* [256] */
  int32_t n;           /* bytes of a row: c * w */
} tn_lookup_layer;
void tn_lookup(const tn_lookup_layer *layer, const int8_t *in, int8_t *out, void *scratch);

#ifdef __cplusplus
}
#endif
#endif
