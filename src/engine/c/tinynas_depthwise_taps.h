/* Depthwise convolution tap by tap: every shape, and the portable form of all. */
#ifndef TINYNAS_DEPTHWISE_TAPS_H
#define TINYNAS_DEPTHWISE_TAPS_H

#include "tinynas_arith.h"
#include "tinynas_kernels.h"

typedef struct {
  int in_w, out_w, kernel_h, kernel_w, stride_w, pad_left, in_zero_point, out_zero_point;
} tn_depthwise_shape;

/* What the taps outside the image add: they read the input's zero point. */
static int32_t tn_outside_taps(const tn_depthwise_shape *shape, const int8_t *const rows[],
                               const int8_t *weights, int first_column) {
  int32_t sum = 0;
  for (int r = 0; r < shape->kernel_h; ++r)
    for (int j = 0; j < shape->kernel_w; ++j, ++weights) {
      const int column = first_column + j;
      if (!rows[r] || column < 0 || column >= shape->in_w) sum += *weights;
    }
  return sum * shape->in_zero_point;
}

/* Sum over the taps [first_tap, last_tap) of the kernel rows that lie in the image. */
static int32_t tn_inside_taps(const tn_depthwise_shape *shape, const int8_t *const rows[],
                              const int8_t *weights, ptrdiff_t at, int first_tap, int last_tap) {
  int32_t sum = 0;
  for (int r = 0; r < shape->kernel_h; ++r, weights += shape->kernel_w) {
    if (!rows[r]) continue;
    const int8_t *in = rows[r] + at;
    for (int j = first_tap; j < last_tap; ++j) sum += weights[j] * in[j];
  }
  return sum;
}

/* One channel's row; weights are [kernel_h][kernel_w], constants bias and multiplier. */
static void tn_depthwise_channel(const tn_depthwise_shape *shape, const int8_t *const rows[], int channel,
                                 const int8_t *weights, const int32_t constants[2], int shift, int8_t *out) {
  const int kernel_w = shape->kernel_w, in_w = shape->in_w;
  const int32_t whole_bias = constants[0] + tn_outside_taps(shape, rows, weights, 0);
  for (int x = 0, column = -shape->pad_left; x < shape->out_w; ++x, column += shape->stride_w) {
    const int first_tap = column < 0 ? -column : 0;
    const int last_tap = column + kernel_w > in_w ? in_w - column : kernel_w;
    const int clipped = first_tap > 0 || last_tap < kernel_w;
    int32_t acc = clipped ? constants[0] + tn_outside_taps(shape, rows, weights, column) : whole_bias;
    acc += tn_inside_taps(shape, rows, weights, (ptrdiff_t)channel * in_w + column, first_tap, last_tap);
    out[x] = tn_requantize(acc, constants[1], shift, shape->out_zero_point);
  }
}

#endif
