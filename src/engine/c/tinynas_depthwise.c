/* Depthwise convolution of planar rows, any kernel, stride and padding. */
#include "tinynas_arith.h"
#include "tinynas_kernels.h"

/* What the taps outside the image add: they read the input's zero point. */
static int32_t outside_taps(const tn_depthwise_layer* layer, const int8_t* const rows[],
                            const int8_t* weights, int first_column) {
  int32_t sum = 0;
  for (int r = 0; r < layer->kernel_h; ++r)
    for (int j = 0; j < layer->kernel_w; ++j, ++weights) {
      const int column = first_column + j;
      if (!rows[r] || column < 0 || column >= layer->in_w) sum += *weights;
    }
  return sum * layer->in_zero_point;
}

/* Sum over the taps [first_tap, last_tap) of the kernel rows that lie in the image. */
static int32_t inside_taps(const tn_depthwise_layer* layer, const int8_t* const rows[], const int8_t* weights,
                           ptrdiff_t at, int first_tap, int last_tap) {
  int32_t sum = 0;
  for (int r = 0; r < layer->kernel_h; ++r, weights += layer->kernel_w) {
    if (!rows[r]) continue;
    const int8_t* in = rows[r] + at;
    for (int j = first_tap; j < last_tap; ++j) sum += weights[j] * in[j];
  }
  return sum;
}

void tn_depthwise(const tn_depthwise_layer* layer, const int8_t* const rows[], int8_t* out, void* scratch) {
  (void)scratch;
  const int kernel_w = layer->kernel_w, in_w = layer->in_w;
  const int8_t* weights = layer->weights;
  const int32_t* channel = layer->channels;
  for (int c = 0; c < layer->c; ++c, weights += layer->kernel_h * kernel_w, channel += 2) {
    const int shift = layer->shifts ? layer->shifts[c] : 0;
    const int32_t whole_bias = channel[0] + outside_taps(layer, rows, weights, 0);
    for (int x = 0, column = -layer->pad_left; x < layer->out_w; ++x, column += layer->stride_w) {
      const int first_tap = column < 0 ? -column : 0;
      const int last_tap = column + kernel_w > in_w ? in_w - column : kernel_w;
      const int clipped = first_tap > 0 || last_tap < kernel_w;
      int32_t acc = clipped ? channel[0] + outside_taps(layer, rows, weights, column) : whole_bias;
      acc += inside_taps(layer, rows, weights, (ptrdiff_t)c * in_w + column, first_tap, last_tap);
      *out++ = tn_requantize(acc, channel[1], shift, layer->out_zero_point);
    }
  }
}
