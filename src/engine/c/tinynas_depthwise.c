/* Depthwise convolution of planar rows, any kernel, stride and padding. */
#include "tinynas_depthwise_taps.h"

void tn_depthwise(const tn_depthwise_layer *layer, const int8_t *const rows[], int8_t *out, void *scratch) {
  (void)scratch;
  tn_depthwise_by_taps(layer, rows, out);
}
