/* Convolutions and dense layer on plain rows of weights, as cores with vectors of 16 bytes read them. */
#include "tinynas_arith.h"
#include "tinynas_kernels.h"
#if TN_FORM == TN_FORM_MVE
#include "tinynas_conv_mve.h"
#endif

/* One output; the inputs stand `step` apart. */
static int8_t output_at(const tn_conv1x1_x16_layer *layer, int channel, const int8_t *in, int step) {
  const int row = layer->in_c < 16 ? 16 : layer->in_c;
  const int8_t *weights = layer->weights + (ptrdiff_t)channel * row;
  const int32_t *constants = layer->channels + 2 * channel;
  int32_t acc = constants[0];
  for (int k = 0; k < layer->in_c; ++k, in += step) acc += weights[k] * *in;
  return tn_requantize_doubling(acc, constants[1], layer->shifts ? layer->shifts[channel] : 0,
                                layer->out_zero_point);
}

/* Layers with scales of 1 or more have shifts: rare, and then only small. */
TN_SHARED void tn_conv1x1_x16(const tn_conv1x1_x16_layer *layer, const int8_t *const rows[], int8_t *out,
                              void *scratch) {
#if TN_FORM == TN_FORM_MVE
  if (!layer->shifts) {
    tn_conv1x1_mve(layer, rows[0], out, scratch);
    return;
  }
#endif
  (void)scratch;
  for (int o = 0; o < layer->out_c; ++o)
    for (int x = 0; x < layer->w; ++x) *out++ = output_at(layer, o, rows[0] + x, layer->w);
}

TN_SHARED void tn_dense_x16(const tn_conv1x1_x16_layer *layer, const int8_t *in, int8_t *out, void *scratch) {
  (void)scratch;
  int o = 0;
#if TN_FORM == TN_FORM_MVE
  if (!layer->shifts) o = tn_dense_mve(layer, in, out);
#endif
  for (; o < layer->out_c; ++o) out[o] = output_at(layer, o, in, 1);
}

/* The sum of a window that begins at byte `first` of the rows' planes, each with `interleaved` channels. */
static int32_t window_sum(const tn_conv_x16_layer *layer, const int8_t *const rows[], int planes,
                          int interleaved, int first, const int8_t *weights) {
  const int bytes = layer->kernel_w * interleaved, plane = layer->in_w * interleaved;
  int32_t sum = 0;
  for (int r = 0; r < layer->kernel_h; ++r)
    for (int c = 0; c < planes; ++c)
      for (int i = 0; i < bytes; ++i) {
        const int at = first + i, inside = rows[r] && at >= 0 && at < plane;
        sum += *weights++ * (inside ? rows[r][c * plane + at] : layer->in_zero_point);
      }
  return sum;
}

/* `planes` planes of a row with `interleaved` channels each. */
static __attribute__((noinline)) void conv(const tn_conv_x16_layer *layer, const int8_t *const rows[],
                                           int8_t *out, int8_t *scratch, int planes, int interleaved) {
#if TN_FORM == TN_FORM_MVE
  if (!layer->shifts) {
    tn_conv_mve(layer, rows, out, scratch, planes, interleaved);
    return;
  }
#endif
  (void)scratch;
  const int count = layer->kernel_h * layer->kernel_w * layer->in_c, row = count < 16 ? 16 : count;
  for (int o = 0; o < layer->out_c; ++o)
    for (int x = 0; x < layer->out_w; ++x) {
      const int32_t *const constants = layer->channels + 2 * o;
      const int32_t sum =
          window_sum(layer, rows, planes, interleaved, (x * layer->stride_w - layer->pad_left) * interleaved,
                     layer->weights + (ptrdiff_t)o * row);
      *out++ = tn_requantize_doubling(constants[0] + sum, constants[1], layer->shifts ? layer->shifts[o] : 0,
                                      layer->out_zero_point);
    }
}

TN_SHARED void tn_conv_x16(const tn_conv_x16_layer *layer, const int8_t *const rows[], int8_t *out,
                           void *scratch) {
  conv(layer, rows, out, scratch, layer->in_c, 1);
}
TN_SHARED void tn_conv_input_x16(const tn_conv_x16_layer *layer, const int8_t *const rows[], int8_t *out,
                                 void *scratch) {
  conv(layer, rows, out, scratch, 1, layer->in_c);
}
