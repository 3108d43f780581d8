/* Row kernels: each makes one output row of a layer from the input rows it needs.
 *
 * Rows inside the network are planar, [C][W]; only the rows that the firmware pushes are interleaved, [W][C],
 * as cameras deliver them. `rows[k]` is the input row under kernel row k, NULL where that row lies outside
 * the image. Rows may stand at any address; scratch must be aligned to 4 bytes. Constant data is packed
 * offline (tinynas/engine/pack.h) in one format that every form of a kernel reads.
 *
 * Arithmetic, equal on every core:  q = saturate_int8(out_zero_point + (((acc << shift) * multiplier + 2^31)
 * >> 32)) in 64 bits. The packer proves from the weights that (acc << shift) fits int32. `shifts` is NULL
 * when all are 0, which they are unless a channel's scale is 0.5 or more. The input's zero point is folded
 * into the bias.
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

/* Code that is made for the sizes of a layer (tinynas_*_unrolled.h) and stands in model.c; a layer names it by this. The
 * portable form has none. */
#if TN_FORM == TN_FORM_PORTABLE
#define TN_UNROLLED(NAME) 0
#else
#define TN_UNROLLED(NAME) NAME
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Convolutions work on pairs of output channels. `weights` is a stream with, for each pair (a, b):
 *   bias a | K/2 words | multiplier a | multiplier b | bias b        (int32 each; K inputs, rounded up to four)
 * A word holds two halves, the first input in the low one; a half is weight_a + 256 * weight_b as an int16.
 * An odd last channel is paired with zeros. Needs sum |weight_b| < 2^16.
 * Inputs of a window come in chunks that stand side by side in memory: whole words of all chunks first, each in the
 * order of its bytes 0 2 1 3, then what is left of each chunk. */

/* 1x1, stride 1, no padding. */
typedef struct {
  const int32_t* weights;
  const uint8_t* shifts; /* per output channel, or NULL */
  int16_t in_c, out_c, w, out_zero_point;
} tn_conv1x1_layer;
void tn_conv1x1(const tn_conv1x1_layer* layer, const int8_t* const rows[], int8_t* out, void* scratch);

/* Fully connected: all inputs are one chunk. Two pairs of channels (a, b) and (c, d) at a time,
 *   bias a | bias c | K/2 times a word of (a, b) and one of (c, d) | multipliers a b c d | bias b | bias d
 * and pairs as above for what is left. */
void tn_dense(const tn_conv1x1_layer* layer, const int8_t* in, int8_t* out, void* scratch);

/* The same two for cores that read 16 bytes at once: plain rows of weights. The array of weights ends with 15 bytes more,
 * whatever they hold. Here (acc << shift) * multiplier is doubled before it is rounded to 32 bits less. */
typedef struct {
  const int8_t *weights;   /* [out_c][in_c], rows of less than 16 filled up */
  const int32_t *channels; /* [out_c][2]: bias, multiplier */
  const uint8_t *shifts;
  int16_t in_c, out_c, w, out_zero_point;
} tn_conv1x1_x16_layer;
void tn_conv1x1_x16(const tn_conv1x1_x16_layer *layer, const int8_t *const rows[], int8_t *out, void *scratch);
void tn_dense_x16(const tn_conv1x1_x16_layer *layer, const int8_t *in, int8_t *out, void *scratch);

/* Any kernel, stride and padding: tn_conv on planar rows (a chunk is a kernel row of one channel), tn_conv_input on
 * interleaved ones, those of the first layer (a chunk is a kernel row of all channels). */
typedef struct {
  const int32_t* weights;
  const uint8_t* shifts;
  int16_t in_c, in_w, out_c, out_w;
  int16_t in_zero_point, out_zero_point;
  uint8_t kernel_h, kernel_w, stride_w, pad_left;
  /* tn_conv_input: gathers an output's window that lies inside the image and begins at byte `first` of the rows. */
  void (*unrolled)(int16_t* inputs, const int8_t* const rows[], int32_t first);
} tn_conv_layer;
void tn_conv(const tn_conv_layer* layer, const int8_t* const rows[], int8_t* out, void* scratch);
void tn_conv_input(const tn_conv_layer* layer, const int8_t* const rows[], int8_t* out, void* scratch);

/* The same two for cores that read 16 bytes at once: plain rows of weights as of tn_conv1x1_x16, a window's inputs in chunks
 * one after the other. */
typedef struct {
  const int8_t *weights;   /* [out_c][inputs of a window], rows of less than 16 filled up */
  const int32_t *channels; /* [out_c][2]: bias, multiplier */
  const uint8_t *shifts;
  int16_t in_c, in_w, out_c, out_w;
  int16_t in_zero_point, out_zero_point;
  uint8_t kernel_h, kernel_w, stride_w, pad_left;
} tn_conv_x16_layer;
void tn_conv_x16(const tn_conv_x16_layer *layer, const int8_t *const rows[], int8_t *out, void *scratch);
void tn_conv_input_x16(const tn_conv_x16_layer *layer, const int8_t *const rows[], int8_t *out, void *scratch);

/* Depthwise, any kernel, stride and padding: planar rows. */
typedef struct {
  const int8_t* weights;   /* [c][kernel_h][kernel_w] */
  const int32_t* channels; /* [c][2]: bias, multiplier */
  const uint8_t* shifts;
  int16_t c, in_w, out_w, in_zero_point, out_zero_point;
  uint8_t kernel_h, kernel_w, stride_w, pad_left;
} tn_depthwise_layer;
void tn_depthwise(const tn_depthwise_layer* layer, const int8_t* const rows[], int8_t* out, void* scratch);
/* 3x3, 5x5 and 7x7 with stride 1 or 2 along the row, for cores that read vectors. Here (acc << shift) * multiplier is doubled
 * before it is rounded to 32 bits less, and a channel's weights are the first four kernel rows, column by column, then the
 * others: of 5x5 the row and three zeros, of 7x7 three rows as if they were four. Rows that are not there are zeros. The array
 * ends with 4 bytes more, whatever they hold, and is aligned to 4. */
void tn_depthwise_tiles_3x3(const tn_depthwise_layer *layer, const int8_t *const rows[], int8_t *out, void *scratch);
void tn_depthwise_tiles_5x5(const tn_depthwise_layer *layer, const int8_t *const rows[], int8_t *out, void *scratch);
void tn_depthwise_tiles_7x7(const tn_depthwise_layer *layer, const int8_t *const rows[], int8_t *out, void *scratch);

/* Depthwise 3x3, 5x5 and 7x7 with stride 1 or 2 along the row, any padding: planar rows. `weights` is a stream of int32
 * words, the first byte lowest, with for each channel:
 *   3x3, in_w >= TN_WIDE_ROW: bias | bias with the left taps outside | with the right taps outside | multiplier | weights
 *   else: multiplier | weights
 * Weights of 3x3 are w00 w10 w02 w12 | w20 w01 w22 w11 | w21, the others row by row. Of the last word they leave three bytes:
 * w21 fills them with its sign in wide rows, else they hold the bias, which must fit.
 * In the bias of 3x3 the input's zero point is folded; the others take inputs less their zero point.
 * `unrolled` is the code for this width on DSP cores (tinynas_depthwise_unrolled.h), or NULL. */
#define TN_WIDE_ROW 16
struct tn_depthwise_task;
typedef struct {
  const int32_t *weights;
  const uint8_t *shifts;
  void (*unrolled)(const struct tn_depthwise_task *task);
  int16_t c, in_w, out_w, in_zero_point, out_zero_point;
  uint8_t stride_w, pad_left;
} tn_depthwise_square_layer;
void tn_depthwise_3x3(const tn_depthwise_square_layer *layer, const int8_t *const rows[], int8_t *out, void *scratch);
void tn_depthwise_5x5(const tn_depthwise_square_layer *layer, const int8_t *const rows[], int8_t *out, void *scratch);
void tn_depthwise_7x7(const tn_depthwise_square_layer *layer, const int8_t *const rows[], int8_t *out, void *scratch);

/* q = saturate_int8((a * multiplier_a + b * multiplier_b + offset) >> shift); out may be a or b. */
typedef struct tn_add_layer {
  int32_t offset;
  int16_t multiplier_a, multiplier_b;
  int32_t shift;
  int32_t n; /* bytes of a row: c * w */
  /* The first `words` * 4 outputs, for this shift. */
  void (*unrolled)(const int8_t* a, const int8_t* b, int8_t* out, int32_t words, const struct tn_add_layer* layer);
} tn_add_layer;
void tn_add(const tn_add_layer* layer, const int8_t* a, const int8_t* b, int8_t* out);

/* Mean over the image: begin, add every row to sums[c], end. */
typedef struct {
  int32_t offset; /* -(in_zero_point + 128) * h * w: sums are those of value + 128 */
  int32_t multiplier;
  int16_t c, w, out_zero_point, shift;
  /* Planes of this width, if their count is a multiple of four; for rows at multiples of four bytes. */
  void (*unrolled)(const int8_t* row, int32_t* sums, const int32_t* sums_end);
} tn_global_pool_layer;
void tn_global_pool_begin(const tn_global_pool_layer* layer, int32_t* sums);
void tn_global_pool_row(const tn_global_pool_layer* layer, const int8_t* row, int32_t* sums);
void tn_global_pool_end(const tn_global_pool_layer* layer, const int32_t* sums, int8_t* out);

/* Average (of the values inside the image, rounded as all else) and maximum of a window. A value of channel c in column x
 * stands at c * channel_step + x * column_step of its row: planar, or the interleaved rows of the network's input. */
typedef struct {
  const int32_t *multipliers; /* average: [n - 1] for a window with n values inside the image */
  const uint8_t *shifts;      /* as multipliers */
  int16_t c, in_w, out_w, channel_step, column_step, in_zero_point, out_zero_point;
  uint8_t kernel_h, kernel_w, stride_w, pad_left;
} tn_window_pool_layer;
void tn_average_pool(const tn_window_pool_layer *layer, const int8_t *const rows[], int8_t *out, void *scratch);
void tn_max_pool(const tn_window_pool_layer *layer, const int8_t *const rows[], int8_t *out, void *scratch);

/* (a - a_zero_point) * (b - b_zero_point), requantized; b is a row like a, or one factor a channel. out may be a or b. */
typedef struct {
  int32_t multiplier;
  int16_t c, w, a_zero_point, b_zero_point, out_zero_point, shift;
} tn_mul_layer;
void tn_mul(const tn_mul_layer *layer, const int8_t *a, const int8_t *b, int8_t *out);
void tn_mul_channels(const tn_mul_layer *layer, const int8_t *a, const int8_t *factors, int8_t *out);

/* The channels of a, then those of b, each requantized; a multiplier of 0 says that values stay what they are. */
typedef struct {
  int32_t a_count, b_count, a_multiplier, b_multiplier;
  int16_t a_zero_point, b_zero_point, out_zero_point;
  uint8_t a_shift, b_shift;
} tn_concat_layer;
void tn_concat(const tn_concat_layer *layer, const int8_t *a, const int8_t *b, int8_t *out);

/* Every value `factor` times. */
typedef struct {
  int32_t in_count, factor;
} tn_resize_nearest_layer;
void tn_resize_nearest(const tn_resize_nearest_layer *layer, const int8_t *in, int8_t *out, void *scratch);

/* q = saturate_int8(-128 + (512 * e + sum) / (2 * sum)): e = exponentials[largest - in], all unsigned, sum over the channels. */
typedef struct {
  const uint32_t *exponentials; /* [256]: round(2^16 exp(-scale d)) */
  int16_t c, w;
} tn_softmax_layer;
void tn_softmax(const tn_softmax_layer *layer, const int8_t *in, int8_t *out, void *scratch);

#ifdef __cplusplus
}
#endif
#endif
