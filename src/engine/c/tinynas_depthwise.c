/* Depthwise convolution of planar rows, any kernel, stride and padding. */
#include "tinynas_depthwise_taps.h"

TN_SHARED void tn_depthwise(const tn_depthwise_layer *layer, const int8_t *const rows[], int8_t *out,
                            void *scratch) {
  (void)scratch;
  const tn_depthwise_shape shape = {.in_w = layer->in_w,
                                    .out_w = layer->out_w,
                                    .kernel_h = layer->kernel_h,
                                    .kernel_w = layer->kernel_w,
                                    .stride_w = layer->stride_w,
                                    .pad_left = layer->pad_left,
                                    .in_zero_point = layer->in_zero_point,
                                    .out_zero_point = layer->out_zero_point};
  const int8_t *weights = layer->weights;
  for (int c = 0; c < layer->c; ++c, weights += layer->kernel_h * layer->kernel_w, out += layer->out_w)
    tn_depthwise_channel(&shape, rows, c, weights, layer->channels + 2 * c,
                         layer->shifts ? layer->shifts[c] : 0, out);
}
