/* 1x1 convolution and dense layer on plain rows of weights, as cores with vectors of 16 bytes read them. */
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
  return tn_requantize_doubling(acc, constants[1], layer->shifts ? layer->shifts[channel] : 0, layer->out_zero_point);
}

/* Layers with scales of 1 or more have shifts: rare, and then only small. */
void tn_conv1x1_x16(const tn_conv1x1_x16_layer *layer, const int8_t *const rows[], int8_t *out, void *scratch) {
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

void tn_dense_x16(const tn_conv1x1_x16_layer *layer, const int8_t *in, int8_t *out, void *scratch) {
  (void)scratch;
  int o = 0;
#if TN_FORM == TN_FORM_MVE
  if (!layer->shifts) o = tn_dense_mve(layer, in, out);
#endif
  for (; o < layer->out_c; ++o) out[o] = output_at(layer, o, in, 1);
}
