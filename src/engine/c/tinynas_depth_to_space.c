/* Channels become pixels: columns of `factor` planes stand side by side (rows go apart by the schedule). */
#include "tinynas_kernels.h"

TN_SHARED void tn_depth_to_space(const tn_depth_to_space_layer *layer, const int8_t *in, int8_t *out,
                                 void *scratch) {
  (void)scratch;
  const int32_t w = layer->w, factor = layer->factor, count = layer->c * w;
  for (int32_t k = 0; k < factor; ++k) {
    int8_t *to = out + k;
    for (int32_t i = 0; i < count; ++i, to += factor) *to = *in++;
  }
}
