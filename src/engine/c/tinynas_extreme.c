/* The smaller or the larger value of two rows. */
#include "tinynas_arith.h"

TN_SHARED void tn_minimum(const tn_extreme_layer *layer, const int8_t *a, const int8_t *b, int8_t *out) {
  for (int32_t i = 0; i < layer->n; ++i) {
    const int32_t first = a[i] * layer->multiplier_a + layer->offset_a,
                  second = b[i] * layer->multiplier_b + layer->offset_b;
    out[i] = tn_saturate((first < second ? first : second) >> layer->shift);
  }
}

TN_SHARED void tn_maximum(const tn_extreme_layer *layer, const int8_t *a, const int8_t *b, int8_t *out) {
  for (int32_t i = 0; i < layer->n; ++i) {
    const int32_t first = a[i] * layer->multiplier_a + layer->offset_a,
                  second = b[i] * layer->multiplier_b + layer->offset_b;
    out[i] = tn_saturate((first > second ? first : second) >> layer->shift);
  }
}
