/* Nearest neighbour, by whole factors: a row's values repeated (that rows repeat is the schedule's matter). */
#include "tinynas_kernels.h"

void tn_resize_nearest(const tn_resize_nearest_layer *layer, const int8_t *in, int8_t *out, void *scratch) {
  (void)scratch;
  for (int32_t i = 0; i < layer->in_count; ++i)
    for (int k = 0; k < layer->factor; ++k) *out++ = in[i];
}
